/* SPDX-License-Identifier: MIT */
#ifndef APPINT_FAILURE_H
#define APPINT_FAILURE_H

/* How a transfer can end, with kind and code of the errors users see. */
#define APPINT_FAILURE_LIST(X)                                                 \
    X(APPINT_NO_FAILURE, "", "")                                               \
    X(APPINT_DNS_ERROR, "transport", "DNSError")                               \
    X(APPINT_CONNECTION_ERROR, "transport", "ConnectionError")                 \
    X(APPINT_TLS_ERROR, "transport", "TLSError")                               \
    X(APPINT_PROXY_ERROR, "transport", "ProxyError")                           \
    X(APPINT_CONNECT_TIMEOUT, "timeout", "ConnectTimeout")                     \
    X(APPINT_ATTEMPT_TIMEOUT, "timeout", "AttemptTimeout")                     \
    X(APPINT_TOO_LARGE, "response", "ResponseTooLarge")                        \
    X(APPINT_INVALID_RESPONSE, "response", "InvalidResponse")                  \
    X(APPINT_INVALID_CONFIG, "config", "InvalidConfig")                        \
    X(APPINT_OUT_OF_MEMORY, "", "")

enum appint_failure {
#define X(name, kind, code) name,
    APPINT_FAILURE_LIST(X)
#undef X
};

/* Kind and code of FAILURE as constant strings. */
const char *appint_failure_kind(enum appint_failure failure);
const char *appint_failure_code(enum appint_failure failure);

#endif
