/* SPDX-License-Identifier: MIT */
/* What became of a transfer: see verdict.h. */

#include "transport/verdict.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"

/* CURLE_TOO_LARGE, which libcurl has since 8.6: of a header, to us. */
#define CURL_TOO_LARGE ((CURLcode)100)

static bool is_tls_code(CURLcode code)
{
    switch (code) {
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_SHUTDOWN_FAILED:
    case CURLE_SSL_ENGINE_INITFAILED:
    case CURLE_USE_SSL_FAILED:
        return true;
    default:
        return false;
    }
}

static bool is_https(const struct appint_transfer *transfer)
{
    return strncmp(transfer->text.data + transfer->origin_at, "https", 5) == 0;
}

static bool proxy_begins(const struct appint_transfer *transfer,
                         const char *scheme)
{
    return strncmp(transfer->settings->proxy.data, scheme, strlen(scheme)) == 0;
}

/* Whether what failed before the request went lay between us and the proxy, or
 * was its refusal. A tunnel's status is known where it is made by CONNECT;
 * behind a SOCKS proxy, only TLS is spoken before. */
static bool is_proxys(const struct appint_transfer *transfer,
                      const struct appint_evidence *evidence)
{
    if (!transfer->proxied) {
        return false;
    }
    if (is_https(transfer) && proxy_begins(transfer, "http")) {
        return !evidence->proxy_answered || evidence->proxy_status / 100 != 2;
    }
    return proxy_begins(transfer, "https") || !is_tls_code(evidence->code);
}

/* A transfer that has failed before its request went. */
static enum appint_failure
classify_connecting(const struct appint_transfer *transfer,
                    const struct appint_evidence *evidence)
{
    switch (evidence->code) {
    case CURLE_OPERATION_TIMEDOUT:
        return APPINT_CONNECT_TIMEOUT;
    case CURLE_COULDNT_RESOLVE_HOST:
        /* libcurl says so of a SOCKS proxy, too, which comes first. */
        return transfer->proxied && !evidence->connecting ? APPINT_PROXY_ERROR
                                                          : APPINT_DNS_ERROR;
    case CURLE_COULDNT_RESOLVE_PROXY:
        return APPINT_PROXY_ERROR;
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_URL_MALFORMAT:
        return APPINT_INVALID_CONFIG;
    default:
        break;
    }
    if (evidence->connecting && is_proxys(transfer, evidence)) {
        return APPINT_PROXY_ERROR; /* an endless answer to CONNECT, too */
    }
    if (evidence->code == CURLE_OUT_OF_MEMORY) {
        return APPINT_OUT_OF_MEMORY;
    }
    /* Once TCP stands, all that can fail is TLS. */
    if (is_tls_code(evidence->code) ||
        (is_https(transfer) && evidence->connecting &&
         evidence->code != CURLE_COULDNT_CONNECT)) {
        return APPINT_TLS_ERROR;
    }
    return APPINT_CONNECTION_ERROR;
}

/* One that has failed after that. */
static enum appint_failure
classify_exchange(const struct appint_transfer *transfer,
                  const struct appint_evidence *evidence)
{
    const struct appint_answer *answer = &transfer->answer;

    if (answer->too_large) {
        return APPINT_TOO_LARGE;
    }
    if (appint_answer_malformed(answer)) {
        return APPINT_INVALID_RESPONSE;
    }
    if (answer->headers.failed || answer->content.failed) {
        return APPINT_OUT_OF_MEMORY;
    }
    switch (evidence->code) {
    case CURLE_OPERATION_TIMEDOUT:
        return APPINT_ATTEMPT_TIMEOUT;
    case CURLE_UNSUPPORTED_PROTOCOL: /* HTTP/0.9: bytes without a status line */
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_BAD_CONTENT_ENCODING:
        return APPINT_INVALID_RESPONSE;
    case CURL_TOO_LARGE:
        return APPINT_TOO_LARGE;
    case CURLE_OUT_OF_MEMORY:
        /* A line of the header that is longer than libcurl takes, before 8.6.
         * It is not ours that is short while a header comes in. */
        return answer->headers_ended ? APPINT_OUT_OF_MEMORY : APPINT_TOO_LARGE;
    default:
        return APPINT_CONNECTION_ERROR;
    }
}

/* The request could not be sent a second time, but its answer has come: libcurl
 * wanted to leave a header out (417 to Expect). */
static bool is_answered(const struct appint_transfer *transfer,
                        const struct appint_evidence *evidence)
{
    return evidence->resending && transfer->answer.headers_ended &&
           transfer->answer.status >= 200;
}

static enum appint_failure classify(const struct appint_transfer *transfer,
                                    const struct appint_evidence *evidence)
{
    if (evidence->code == CURLE_OK) {
        return appint_answer_complete(&transfer->answer)
                   ? APPINT_NO_FAILURE
                   : APPINT_CONNECTION_ERROR;
    }
    if (is_answered(transfer, evidence)) {
        return APPINT_NO_FAILURE;
    }
    return evidence->sending ? classify_exchange(transfer, evidence)
                             : classify_connecting(transfer, evidence);
}

/* Cuts the spaces at the end of TEXT, which libcurl leaves where it has no more
 * to say of a TLS handshake that broke off. */
static void without_end_spaces(char *text)
{
    size_t len = strlen(text);

    while (len > 0 && text[len - 1] == ' ') {
        text[--len] = '\0';
    }
}

/* The system's reason, else libcurl's words. Never for the proxy's sake:
 * libcurl quotes a malformed proxy with its password. */
static void reason(const struct appint_evidence *evidence, char *out,
                   size_t size)
{
    CURLcode code = evidence->code;
    int number = (int)evidence->os_errno;
    char system_text[128];

    if (code == CURLE_COULDNT_CONNECT && number != 0) {
        snprintf(out, size, "%s",
                 appint_system_text(number, system_text, sizeof system_text));
    } else if (evidence->text[0] != '\0' && code != CURLE_COULDNT_CONNECT &&
               code != CURLE_COULDNT_RESOLVE_PROXY) {
        snprintf(out, size, "%s", evidence->text);
        without_end_spaces(out);
    } else {
        snprintf(out, size, "%s", curl_easy_strerror(code));
    }
}

static void describe_connection(struct appint_transfer *transfer, CURLcode code,
                                const char *place, const char *why)
{
    struct appint_error *error = &transfer->error;

    if (transfer->stale) {
        appint_fail(error, APPINT_OK,
                    "%s closed the connection that was kept since an earlier "
                    "call",
                    place);
        return;
    }
    switch (code) {
    case CURLE_COULDNT_CONNECT:
        if (transfer->socket_errno != 0) {
            appint_fail(error, APPINT_OK,
                        "no socket for a connection to %s could be opened: %s",
                        place, why);
            break;
        }
        appint_fail(error, APPINT_OK,
                    "could not connect to %s: %s (is the endpoint right, and "
                    "the service listening?)",
                    place, why);
        break;
    case CURLE_GOT_NOTHING:
        appint_fail(error, APPINT_OK,
                    "%s closed the connection without an answer", place);
        break;
    case CURLE_OK: /* libcurl lets an unfinished header pass */
    case CURLE_PARTIAL_FILE:
        appint_fail(error, APPINT_OK,
                    "the answer of %s ended before it was complete%s%s", place,
                    code != CURLE_OK ? ": " : "", code != CURLE_OK ? why : "");
        break;
    default:
        appint_fail(error, APPINT_OK, "the connection to %s failed: %s", place,
                    why);
        break;
    }
}

static void describe_proxy(struct appint_transfer *transfer,
                           const struct appint_evidence *evidence,
                           const char *place, const char *why)
{
    struct appint_error *error = &transfer->error;
    const char *proxy =
        appint_settings_text(&transfer->settings->proxy_place, "?");
    long status = evidence->proxy_status;

    if (status == 407) {
        appint_fail(error, APPINT_OK,
                    "the proxy %s wants a user and password (HTTP 407), or "
                    "others than the proxy option has",
                    proxy);
    } else if (status != 0 && status / 100 != 2) {
        appint_fail(error, APPINT_OK,
                    "the proxy %s refused to connect to %s: HTTP %ld", proxy,
                    place, status);
    } else {
        appint_fail(error, APPINT_OK,
                    "could not reach %s through the proxy %s: %s", place, proxy,
                    why);
    }
}

static void describe_tls(struct appint_error *error, CURLcode code,
                         const char *place, const char *why)
{
    appint_fail(error, APPINT_OK, "TLS with %s failed: %s%s", place, why,
                code == CURLE_PEER_FAILED_VERIFICATION
                    ? " (a private authority's certificates go into the "
                      "ca_bundle option)"
                    : "");
}

static void describe_config(struct appint_transfer *transfer, CURLcode code,
                            const char *place)
{
    const struct appint_settings *settings = transfer->settings;

    if (code == CURLE_SSL_CACERT_BADFILE && settings->ca_bundle.len > 0) {
        appint_fail(&transfer->error, APPINT_OK,
                    "the CA bundle %s holds no certificates that can be read",
                    settings->ca_bundle.data);
    } else if (code == CURLE_SSL_CACERT_BADFILE) {
        appint_fail(&transfer->error, APPINT_OK,
                    "the system has no certificates of authorities that can be "
                    "read: install ca-certificates, or name a file of them in "
                    "the ca_bundle option");
    } else {
        appint_fail(&transfer->error, APPINT_OK, "'%s' is no host and port",
                    place);
    }
}

/* A connection that did not come in time: how far it came. */
static void describe_connecting(struct appint_transfer *transfer,
                                const struct appint_evidence *evidence,
                                const char *place, const char *seconds)
{
    struct appint_error *error = &transfer->error;
    const char *proxy =
        appint_settings_text(&transfer->settings->proxy_place, "?");

    if (!evidence->connecting) {
        appint_fail(error, APPINT_OK,
                    "the name of %s was not resolved within %s s",
                    transfer->proxied ? proxy : place, seconds);
    } else if (!evidence->reached) {
        appint_fail(error, APPINT_OK, "no connection to %s%s within %s s",
                    transfer->proxied ? "the proxy " : "",
                    transfer->proxied ? proxy : place, seconds);
    } else if (is_proxys(transfer, evidence)) {
        appint_fail(error, APPINT_OK,
                    "the proxy %s was reached, but opened no way to %s within "
                    "%s s",
                    proxy, place, seconds);
    } else {
        appint_fail(error, APPINT_OK,
                    "%s was reached, but its TLS handshake was not complete "
                    "within %s s (is it https that it speaks?)",
                    place, seconds);
    }
}

/* What happened, with whom, and what to look at: no header, path or query. */
static void describe(struct appint_transfer *transfer,
                     const struct appint_evidence *evidence)
{
    CURLcode code = evidence->code;
    struct appint_error *error = &transfer->error;
    char seconds[APPINT_SECONDS_SIZE];
    char place[APPINT_ERROR_TEXT_SIZE / 2];
    char why[CURL_ERROR_SIZE];

    appint_transfer_place(transfer, place, sizeof place);
    reason(evidence, why, sizeof why);
    appint_clock_text((double)transfer->answer.moments[APPINT_TOTAL] / 1e6,
                      seconds);
    switch (transfer->failure) {
    case APPINT_DNS_ERROR:
        appint_fail(error, APPINT_OK,
                    "could not resolve the host of %s (is the region or "
                    "endpoint right, and is there a network?)",
                    place);
        break;
    case APPINT_CONNECTION_ERROR:
        describe_connection(transfer, code, place, why);
        break;
    case APPINT_TLS_ERROR:
        describe_tls(error, code, place, why);
        break;
    case APPINT_PROXY_ERROR:
        describe_proxy(transfer, evidence, place, why);
        break;
    case APPINT_CONNECT_TIMEOUT:
        describe_connecting(transfer, evidence, place, seconds);
        break;
    case APPINT_ATTEMPT_TIMEOUT:
        appint_fail(error, APPINT_OK, "no complete answer from %s in %s s",
                    place, seconds);
        break;
    case APPINT_TOO_LARGE:
        appint_fail(error, APPINT_OK,
                    "the answer of %s is larger than max_response_bytes (%zu) "
                    "or has too many headers",
                    place, transfer->answer.max_bytes);
        break;
    case APPINT_INVALID_RESPONSE:
        appint_fail(error, APPINT_OK, "%s does not answer in HTTP: %s", place,
                    appint_answer_malformed(&transfer->answer)
                        ? "another version, or malformed chunks"
                        : why);
        break;
    case APPINT_INVALID_CONFIG:
        describe_config(transfer, code, place);
        break;
    case APPINT_NO_FAILURE:
    case APPINT_OUT_OF_MEMORY:
        break;
    }
}

void appint_verdict_reach(struct appint_transfer *transfer,
                          const struct appint_evidence *evidence)
{
    transfer->failure = classify(transfer, evidence);
    transfer->stale = transfer->failure == APPINT_CONNECTION_ERROR &&
                      evidence->sending && !evidence->connecting &&
                      transfer->answer.header_lines == 0;
    if (transfer->failure != APPINT_NO_FAILURE) {
        describe(transfer, evidence);
    }
}
