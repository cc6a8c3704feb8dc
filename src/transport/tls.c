/* SPDX-License-Identifier: MIT */
/* TLS options of easy handles: see tls.h. */

#include "transport/tls.h"

#include <unistd.h>

void appint_tls_set_version(CURL *easy)
{
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
}

/* The bundle that libcurl was built with, if it is there: NULL otherwise. */
static const char *system_bundle(void)
{
    const char *path = curl_version_info(CURLVERSION_NOW)->cainfo;

    return path != NULL && access(path, R_OK) == 0 ? path : NULL;
}

/* Trusts the authorities in the file BUNDLE and in DIRECTORY; NULL: in none. */
static bool set_authorities(CURL *easy, const char *bundle,
                            const char *directory)
{
    CURLcode code = curl_easy_setopt(easy, CURLOPT_CAINFO, bundle);

    curl_easy_setopt(easy, CURLOPT_CAPATH, directory);
    if (code == CURLE_OK) {
        code = curl_easy_setopt(easy, CURLOPT_PROXY_CAINFO, bundle);
    }
    curl_easy_setopt(easy, CURLOPT_PROXY_CAPATH, directory);
    return code == CURLE_OK;
}

/* With a CA directory, libcurl reads all certificates again for every new
 * connection (33 ms on Debian); with a bundle alone it keeps them parsed. */
bool appint_tls_set_trust(CURL *easy, const struct appint_settings *settings)
{
    const curl_version_info_data *built = curl_version_info(CURLVERSION_NOW);
    /* What is not verified needs no bundle, and may have none. */
    const char *bundle =
        settings->verify_tls
            ? appint_settings_text(&settings->ca_bundle, system_bundle())
            : NULL;
    long verify = settings->verify_tls ? 1L : 0L;

    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, verify);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, verify * 2L);
    curl_easy_setopt(easy, CURLOPT_PROXY_SSL_VERIFYPEER, verify);
    curl_easy_setopt(easy, CURLOPT_PROXY_SSL_VERIFYHOST, verify * 2L);
    if (bundle == NULL && settings->verify_tls) {
        /* libcurl's defaults, which another client's may stand for here. */
        return set_authorities(easy, built->cainfo, built->capath);
    }
    return set_authorities(easy, bundle, NULL);
}
