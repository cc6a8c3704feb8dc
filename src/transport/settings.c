/* SPDX-License-Identifier: MIT */
/* Trust and proxy, checked and copied: see settings.h. */

#include "transport/settings.h"

#include <curl/curl.h>
#include <string.h>
#include <unistd.h>

static void store(struct appint_buf *buf, const char *string)
{
    if (string != NULL && string[0] != '\0') {
        appint_buf_append(buf, string, strlen(string) + 1);
    }
}

const char *appint_settings_text(const struct appint_buf *field,
                                 const char *otherwise)
{
    return field->len > 0 ? field->data : otherwise;
}

static bool is_proxy_scheme(const char *scheme)
{
    static const char *const schemes[] = {"http",    "https",  "socks4",
                                          "socks4a", "socks5", "socks5h"};

    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        if (strcmp(scheme, schemes[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* The port that the other SDKs take where a proxy's URL has none; libcurl
 * would take 1080 for all of them. */
static const char *default_proxy_port(const char *scheme)
{
    return strcmp(scheme, "http") == 0    ? "80"
           : strcmp(scheme, "https") == 0 ? "443"
                                          : "1080";
}

/* Of a domain name: RFC 1035, 2.3.4. */
enum { MAX_HOST = 253 };

/* The parts of URL that go into SETTINGS; false when one is missing. */
static bool store_proxy_parts(struct appint_settings *settings, CURLU *url)
{
    char *scheme = NULL;
    char *host = NULL;
    char *port = NULL;
    char *whole = NULL;
    bool ok = curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
              is_proxy_scheme(scheme) &&
              curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
              strlen(host) <= MAX_HOST;

    if (ok && curl_url_get(url, CURLUPART_PORT, &port, 0) != CURLUE_OK) {
        ok = curl_url_set(url, CURLUPART_PORT, default_proxy_port(scheme), 0) ==
                 CURLUE_OK &&
             curl_url_get(url, CURLUPART_PORT, &port, 0) == CURLUE_OK;
    }
    ok = ok && curl_url_get(url, CURLUPART_URL, &whole, 0) == CURLUE_OK;
    if (ok) {
        store(&settings->proxy, whole);
        appint_buf_append_string(&settings->proxy_place, host);
        appint_buf_append_char(&settings->proxy_place, ':');
        appint_buf_append(&settings->proxy_place, port, strlen(port) + 1);
    }
    curl_free(scheme);
    curl_free(host);
    curl_free(port);
    curl_free(whole);
    return ok;
}

static enum appint_status store_proxy(struct appint_settings *settings,
                                      const char *proxy,
                                      struct appint_error *error)
{
    CURLU *url = NULL;
    bool ok = true;

    if (proxy == NULL || proxy[0] == '\0') {
        return APPINT_OK;
    }
    url = curl_url();
    if (url == NULL) {
        return APPINT_E_NOMEM;
    }
    ok = curl_url_set(url, CURLUPART_URL, proxy,
                      CURLU_GUESS_SCHEME | CURLU_NON_SUPPORT_SCHEME) ==
             CURLUE_OK &&
         store_proxy_parts(settings, url);
    curl_url_cleanup(url);
    if (!ok) {
        return appint_fail(error, APPINT_E_ARG,
                           "the proxy is no URL like http://host:port");
    }
    return APPINT_OK;
}

enum appint_status
appint_settings_new(const struct appint_allocator *allocator,
                    const struct appint_settings_source *source,
                    struct appint_settings **out, struct appint_error *error)
{
    struct appint_settings *settings =
        appint_realloc(allocator, NULL, 0, sizeof *settings);
    enum appint_status status = APPINT_OK;

    if (settings == NULL) {
        return appint_fail(error, APPINT_E_NOMEM, "not enough memory");
    }
    memset(settings, 0, sizeof *settings);
    settings->allocator = *allocator;
    settings->references = 1;
    settings->verify_tls = source->verify_tls;
    appint_buf_init(&settings->ca_bundle, allocator);
    appint_buf_init(&settings->proxy, allocator);
    appint_buf_init(&settings->proxy_place, allocator);
    appint_buf_init(&settings->no_proxy, allocator);
    store(&settings->ca_bundle, source->ca_bundle);
    store(&settings->no_proxy, source->no_proxy);
    status = store_proxy(settings, source->proxy, error);
    if (status == APPINT_OK && settings->ca_bundle.len > 0 &&
        access(settings->ca_bundle.data, R_OK) != 0) {
        status =
            appint_fail(error, APPINT_E_ARG, "the CA bundle %s cannot be read",
                        settings->ca_bundle.data);
    }
    if (settings->ca_bundle.failed || settings->proxy.failed ||
        settings->proxy_place.failed || settings->no_proxy.failed) {
        status = appint_fail(error, APPINT_E_NOMEM, "not enough memory");
    }
    if (status != APPINT_OK) {
        appint_settings_release(settings);
        return status;
    }
    *out = settings;
    return APPINT_OK;
}

void appint_settings_retain(struct appint_settings *settings)
{
    settings->references++;
}

void appint_settings_release(struct appint_settings *settings)
{
    struct appint_allocator allocator;

    if (settings == NULL || --settings->references > 0) {
        return;
    }
    allocator = settings->allocator;
    appint_buf_free(&settings->ca_bundle);
    appint_buf_wipe(&settings->proxy); /* may hold a password */
    appint_buf_free(&settings->proxy_place);
    appint_buf_free(&settings->no_proxy);
    appint_realloc(&allocator, settings, sizeof *settings, 0);
}
