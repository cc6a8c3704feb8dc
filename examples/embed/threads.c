/* SPDX-License-Identifier: MIT */
/*
 * A program with Lua inside, and the module linked into it: THREADS threads,
 * each with a Lua state of its own that makes CALLS calls. Then the process
 * forks: parent and child go on with connections of their own.
 *
 *     threads [calls] [threads] [host|loop]     1,000 calls in each of 8
 * threads
 *
 * With "host" this program initializes libcurl itself, as one must that uses it
 * in threads before the module does. With "loop" each thread has a loop, and 16
 * of its calls are in flight at once.
 *
 * Where calls go and who signs them stands in the environment, as
 * examples/with-emulator sets it:
 *
 *     make static
 *     cc -O2 -Ibuild/5.4 -I/usr/include/lua5.4 examples/embed/threads.c \
 *        build/5.4/libappintegrations.a -llua5.4 -lcurl -lcrypto -lm -o threads
 *     examples/with-emulator build/5.4/bin/appintegrations-emulator ./threads
 */

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <curl/curl.h>
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include "appintegrations.h"

enum { MAX_THREADS = 256 };

/* Creates an integration of the thread's own, reads it back call after call,
 * deletes it. Returns the number of calls. */
static const char script[] =
    "local name, calls = ...\n"
    "local client = assert(require('appintegrations').client {})\n"
    "assert(client:create_event_integration {\n"
    "  Name = name, EventBridgeBus = 'default',\n"
    "  EventFilter = { Source = 'aws.partner/example.com' } })\n"
    "for _ = 3, calls do\n"
    "  local found = assert(client:get_event_integration { Name = name })\n"
    "  assert(found.Name == name, 'the answer to another thread')\n"
    "end\n"
    "assert(client:delete_event_integration { Name = name })\n"
    "client:close()\n"
    "return calls\n";

/* The same with the calls in tasks of a loop. */
static const char loop_script[] =
    "local name, calls = ...\n"
    "local loop = require('appintegrations').loop()\n"
    "local client = assert(require('appintegrations').client { loop = loop })\n"
    "assert(client:create_event_integration {\n"
    "  Name = name, EventBridgeBus = 'default',\n"
    "  EventFilter = { Source = 'aws.partner/example.com' } })\n"
    "local names = {}\n"
    "for i = 3, calls do\n"
    "  names[#names + 1] = name\n"
    "end\n"
    "local found, errors, failed = loop:map(names, function()\n"
    "  return client:get_event_integration { Name = name }\n"
    "end, 16)\n"
    "for i = 1, #names do\n"
    "  assert(found[i], errors and errors[i])\n"
    "  assert(found[i].Name == name, 'the answer to another thread')\n"
    "end\n"
    "assert(client:delete_event_integration { Name = name })\n"
    "client:close()\n"
    "loop:close()\n"
    "return calls\n";

/* Before a fork, and after it on both sides. */
static const char fork_script[] =
    "client = client or assert(require('appintegrations').client {})\n"
    "assert(client:list_event_integrations {})\n";

struct worker {
    pthread_t thread;
    const char *script;
    int number;
    long calls;
    long done;
};

static lua_State *new_state(void)
{
    lua_State *L = luaL_newstate();

    if (L != NULL) {
        luaL_openlibs(L);
        appintegrations_preload(L);
    }
    return L;
}

/* Says what stands on the stack, and takes it from there. */
static void report(lua_State *L, const char *who)
{
    const char *message = NULL;

    lua_getglobal(L, "tostring");
    lua_insert(L, -2);
    lua_call(L, 1, 1);
    message = lua_tostring(L, -1);
    fprintf(stderr, "%s: %s\n", who, message);
    lua_pop(L, 1);
}

static void *work(void *data)
{
    struct worker *worker = data;
    lua_State *L = new_state();
    char name[32];

    if (L == NULL) {
        return NULL;
    }
    snprintf(name, sizeof name, "thread-%d", worker->number);
    if (luaL_loadstring(L, worker->script) == 0) {
        lua_pushstring(L, name);
        lua_pushinteger(L, (lua_Integer)worker->calls);
        if (lua_pcall(L, 2, 1, 0) == 0) {
            worker->done = (long)lua_tointeger(L, -1);
        } else {
            report(L, name);
        }
    }
    lua_close(L);
    return NULL;
}

/* Runs TEXT in COUNT threads; the number of calls that they have made. */
static long run_threads(const char *text, int count, long calls)
{
    static struct worker workers[MAX_THREADS];
    long done = 0;

    for (int i = 0; i < count; i++) {
        workers[i].script = text;
        workers[i].number = i + 1;
        workers[i].calls = calls;
        if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0) {
            perror("pthread_create");
            exit(EXIT_FAILURE);
        }
    }
    for (int i = 0; i < count; i++) {
        pthread_join(workers[i].thread, NULL);
        done += workers[i].done;
    }
    return done;
}

static int run(lua_State *L, const char *text, const char *who)
{
    if (luaL_loadstring(L, text) != 0 || lua_pcall(L, 0, 0, 0) != 0) {
        report(L, who);
        return 0;
    }
    return 1;
}

/* A client with an open connection, on both sides of a fork. */
static int survives_fork(void)
{
    lua_State *L = new_state();
    int ok = L != NULL && run(L, fork_script, "before the fork");
    int status = 0;
    pid_t child = ok ? fork() : -1;

    if (child == 0) {
        ok = run(L, fork_script, "child");
        lua_close(L);
        _exit(ok ? 0 : 1);
    }
    ok = child > 0 && waitpid(child, &status, 0) == child && status == 0 &&
         run(L, fork_script, "parent");
    lua_close(L);
    return ok;
}

int main(int argc, char **argv)
{
    long calls = argc > 1 ? atol(argv[1]) : 1000;
    int threads = argc > 2 ? atoi(argv[2]) : 8;
    bool in_loop = argc > 3 && strcmp(argv[3], "loop") == 0;
    long done = 0;

    if (calls < 2 || threads < 1 || threads > MAX_THREADS) {
        fprintf(stderr, "usage: %s [calls] [threads] [host|loop]\n", argv[0]);
        return EXIT_FAILURE;
    }
    if (argc > 3 && !in_loop) {
        curl_global_init(CURL_GLOBAL_DEFAULT);
        appintegrations_host_initializes_libcurl();
    }
    done = run_threads(in_loop ? loop_script : script, threads, calls);
    printf("%ld of %ld calls from %d threads\n", done, calls * threads,
           threads);
    fflush(stdout); /* the child must not write it once more */
    if (done != calls * threads || !survives_fork()) {
        return EXIT_FAILURE;
    }
    puts("survived a fork");
    return EXIT_SUCCESS;
}
