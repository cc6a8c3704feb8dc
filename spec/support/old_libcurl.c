/*
 * SPDX-License-Identifier: MIT
 *
 * Preloaded, it makes libcurl look and behave as one before 7.87: SIGPIPE is
 * raised in this thread whenever it works on a socket.
 */

#include <curl/curl.h>
#include <dlfcn.h>
#include <signal.h>
#include <stddef.h>

#define EXPORT __attribute__((visibility("default")))

EXPORT curl_version_info_data *curl_version_info(CURLversion stamp)
{
    static curl_version_info_data old;
    curl_version_info_data *(*real)(CURLversion) = NULL;

    *(void **)&real = dlsym(RTLD_NEXT, "curl_version_info");
    old = *real(stamp);
    old.version_num = 0x075600;
    return &old;
}

EXPORT CURLMcode curl_multi_socket_action(CURLM *multi, curl_socket_t fd,
                                          int events, int *running)
{
    CURLMcode (*real)(CURLM *, curl_socket_t, int, int *) = NULL;

    *(void **)&real = dlsym(RTLD_NEXT, "curl_multi_socket_action");
    raise(SIGPIPE);
    return real(multi, fd, events, running);
}
