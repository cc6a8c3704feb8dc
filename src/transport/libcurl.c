/* SPDX-License-Identifier: MIT */
/* The process-wide initialisation of libcurl: see libcurl.h. */

#include "transport/libcurl.h"

#include <curl/curl.h>
#include <pthread.h>

static pthread_once_t init_once = PTHREAD_ONCE_INIT;
static CURLcode init_result = CURLE_FAILED_INIT;

static void init_libcurl(void)
{
    init_result = curl_global_init(CURL_GLOBAL_DEFAULT);
}

static void trust_host(void)
{
    init_result = CURLE_OK;
}

void appint_curl_leave_to_host(void)
{
    pthread_once(&init_once, trust_host);
}

enum appint_status appint_curl_init(struct appint_error *error)
{
    pthread_once(&init_once, init_libcurl);
    if (init_result != CURLE_OK) {
        return appint_fail(error, APPINT_E_SYSTEM, "libcurl: %s",
                           curl_easy_strerror(init_result));
    }
    return APPINT_OK;
}
