/* SPDX-License-Identifier: MIT */
/*
 * The module appintegrations.sqlite: as much of SQLite as the emulator's store
 * needs, prepared statements with positional arguments. A database and a
 * statement are userdata. What SQLite refuses raises "sqlite: …" without a
 * position: the store has one place that catches it.
 *
 * A statement is bound, stepped to its end and reset without a call to Lua in
 * between; its rows wait in a buffer meanwhile. So a finalizer that runs while
 * the rows become tables may use the same statement.
 */

#include <sqlite3.h>
#include <string.h>

#include "base/status.h"
#include "lua/compat.h"
#include "lua/luabox.h"

#define DATABASE_TYPE  APPINT_TYPE("sqlite")
#define STATEMENT_TYPE APPINT_TYPE("sqlite.statement")

__attribute__((visibility("default"))) int
luaopen_appintegrations_sqlite(lua_State *L);

/* Zeroed: closed. */
struct database {
    sqlite3 *handle;
};

struct statement {
    sqlite3_stmt *handle;
};

/* How a value stands in the buffer, before its bytes. */
enum tag { TAG_NULL, TAG_INTEGER, TAG_REAL, TAG_TEXT };

static int raise(lua_State *L, const struct appint_error *error)
{
    lua_pushfstring(L, "sqlite: %s", error->text);
    return lua_error(L);
}

/* ---- databases --------------------------------------------------------- */

/* Statements may outlive their database: SQLite waits for them. */
static int database_close(lua_State *L)
{
    struct database *database = luaL_checkudata(L, 1, DATABASE_TYPE);

    sqlite3_close_v2(database->handle);
    database->handle = NULL;
    return 0;
}

static sqlite3 *check_database(lua_State *L)
{
    struct database *database = luaL_checkudata(L, 1, DATABASE_TYPE);

    if (database->handle == NULL) {
        luaL_error(L, "the database is closed");
    }
    return database->handle;
}

/* database:exec(sql): one or more statements, their rows ignored. */
static int database_exec(lua_State *L)
{
    sqlite3 *handle = check_database(L);
    struct appint_error error = {{0}};

    if (sqlite3_exec(handle, luaL_checkstring(L, 2), NULL, NULL, NULL) !=
        SQLITE_OK) {
        appint_fail(&error, APPINT_E_SYSTEM, "%s", sqlite3_errmsg(handle));
        return raise(L, &error);
    }
    return 0;
}

/*
 * database:moved() -> boolean
 * Whether the file is no longer the one at the path: SQLite would go on writing
 * into a file that nobody can open any more.
 */
static int database_moved(lua_State *L)
{
    int moved = 0;

    sqlite3_file_control(check_database(L), "main", SQLITE_FCNTL_HAS_MOVED,
                         &moved);
    lua_pushboolean(L, moved);
    return 1;
}

/* ---- statements -------------------------------------------------------- */

/* statement:close(), also __gc: more than once is harmless. */
static int statement_close(lua_State *L)
{
    struct statement *statement = luaL_checkudata(L, 1, STATEMENT_TYPE);

    sqlite3_finalize(statement->handle);
    statement->handle = NULL;
    return 0;
}

static sqlite3_stmt *check_statement(lua_State *L)
{
    struct statement *statement = luaL_checkudata(L, 1, STATEMENT_TYPE);

    if (statement->handle == NULL) {
        luaL_error(L, "the statement is closed");
    }
    return statement->handle;
}

/* Binds the COUNT arguments from index 2 on; their strings stay on the stack.
 */
static int bind_arguments(lua_State *L, sqlite3_stmt *handle, int count)
{
    int status = SQLITE_OK;

    for (int i = 1; i <= count && status == SQLITE_OK; i++) {
        size_t len = 0;
        const char *text = NULL;

        switch (lua_type(L, i + 1)) {
        case LUA_TNUMBER:
            status =
                lua_isinteger(L, i + 1)
                    ? sqlite3_bind_int64(handle, i, appint_toint64(L, i + 1))
                    : sqlite3_bind_double(handle, i, lua_tonumber(L, i + 1));
            break;
        case LUA_TSTRING:
            text = lua_tolstring(L, i + 1, &len);
            status = sqlite3_bind_text64(handle, i, text, len, SQLITE_STATIC,
                                         SQLITE_UTF8);
            break;
        default: /* unbound is NULL */
            break;
        }
    }
    return status;
}

static void append_tagged(struct appint_buf *rows, char tag, const void *data,
                          size_t len)
{
    appint_buf_append(rows, &tag, 1);
    appint_buf_append(rows, data, len);
}

static void append_column(struct appint_buf *rows, sqlite3_stmt *handle, int i)
{
    sqlite3_int64 integer = 0;
    double real = 0;
    size_t len = 0;

    switch (sqlite3_column_type(handle, i)) {
    case SQLITE_NULL:
        append_tagged(rows, TAG_NULL, "", 0);
        break;
    case SQLITE_INTEGER:
        integer = sqlite3_column_int64(handle, i);
        append_tagged(rows, TAG_INTEGER, &integer, sizeof integer);
        break;
    case SQLITE_FLOAT:
        real = sqlite3_column_double(handle, i);
        append_tagged(rows, TAG_REAL, &real, sizeof real);
        break;
    default: {
        const void *text = sqlite3_column_blob(handle, i);
        len = (size_t)sqlite3_column_bytes(handle, i);
        append_tagged(rows, TAG_TEXT, &len, sizeof len);
        appint_buf_append(rows, text != NULL ? text : "", len);
        break;
    }
    }
}

/* Runs HANDLE with the COUNT arguments from index 2 on. ROWS, or NULL, gets the
 * columns of its rows, one after another. [-0, +0, e] */
static void run(lua_State *L, sqlite3_stmt *handle, int count,
                struct appint_buf *rows)
{
    struct appint_error error = {{0}};
    int status = bind_arguments(L, handle, count);
    int columns = sqlite3_column_count(handle);

    while (status == SQLITE_OK || status == SQLITE_ROW) {
        status = sqlite3_step(handle);
        for (int i = 0; status == SQLITE_ROW && rows != NULL && i < columns;
             i++) {
            append_column(rows, handle, i);
        }
    }
    if (status != SQLITE_DONE) {
        appint_fail(&error, APPINT_E_SYSTEM, "%s",
                    sqlite3_errmsg(sqlite3_db_handle(handle)));
    }
    sqlite3_reset(handle);
    sqlite3_clear_bindings(handle);
    if (status != SQLITE_DONE) {
        raise(L, &error);
    }
}

/* statement:run(...) -> number of rows that have changed */
static int statement_run(lua_State *L)
{
    sqlite3_stmt *handle = check_statement(L);

    run(L, handle, lua_gettop(L) - 1, NULL);
    lua_pushinteger(L, sqlite3_changes(sqlite3_db_handle(handle)));
    return 1;
}

/* Pushes the value at AT; returns where the next one stands. [-0, +1, m] */
static const char *push_value(lua_State *L, const char *at)
{
    const char *data = at + 1;
    sqlite3_int64 integer = 0;
    double real = 0;
    size_t len = 0;

    switch (*at) {
    case TAG_INTEGER:
        memcpy(&integer, data, sizeof integer);
        appint_pushint64(L, integer);
        return data + sizeof integer;
    case TAG_REAL:
        memcpy(&real, data, sizeof real);
        lua_pushnumber(L, real);
        return data + sizeof real;
    case TAG_TEXT:
        memcpy(&len, data, sizeof len);
        lua_pushlstring(L, data + sizeof len, len);
        return data + sizeof len + len;
    default:
        lua_pushnil(L);
        return data;
    }
}

/* Pushes a table of the row at AT by the COUNT names in the table at index
 * NAMES; returns where the next row stands. [-0, +1, m] */
static const char *push_row(lua_State *L, const char *at, int names, int count)
{
    lua_createtable(L, 0, count);
    for (int i = 1; i <= count; i++) {
        lua_rawgeti(L, names, i);
        at = push_value(L, at);
        lua_rawset(L, -3); /* row */
    }
    return at;
}

/* statement:rows(...) -> a list of tables by column name */
static int statement_rows(lua_State *L)
{
    int arguments = lua_gettop(L) - 1;
    struct appint_buf *rows = appint_push_buffer(L);
    sqlite3_stmt *handle = check_statement(L); /* what allocates may close it */
    int columns = sqlite3_column_count(handle);
    const char *at = NULL;
    int names = 0;

    run(L, handle, arguments, rows);
    if (rows->failed) {
        return luaL_error(L, "not enough memory");
    }
    appint_getuservalue(L, 1);
    names = lua_gettop(L);
    lua_newtable(L);
    at = rows->data;
    for (int i = 1; at != NULL && at != rows->data + rows->len; i++) {
        at = push_row(L, at, names, columns);
        lua_rawseti(L, -2, i); /* list */
    }
    return 1;
}

/* Gives the statement on top the list of its columns' names. [-0, +0, m] */
static void keep_names(lua_State *L, sqlite3_stmt *handle)
{
    int count = sqlite3_column_count(handle);

    lua_createtable(L, count, 0);
    for (int i = 1; i <= count; i++) {
        lua_pushstring(L, sqlite3_column_name(handle, i - 1));
        lua_rawseti(L, -2, i);
    }
    appint_setuservalue(L, -2);
}

/* database:prepare(sql) -> statement */
static int database_prepare(lua_State *L)
{
    size_t len = 0;
    const char *sql = luaL_checklstring(L, 2, &len);
    struct appint_error error = {{0}};
    struct statement *statement = lua_newuserdatauv(L, sizeof *statement, 1);
    sqlite3 *handle = NULL;

    statement->handle = NULL;
    luaL_setmetatable(L, STATEMENT_TYPE);
    handle = check_database(L); /* what allocates may close it */
    if (sqlite3_prepare_v3(handle, sql, (int)len, SQLITE_PREPARE_PERSISTENT,
                           &statement->handle, NULL) != SQLITE_OK) {
        appint_fail(&error, APPINT_E_SYSTEM, "%s", sqlite3_errmsg(handle));
        return raise(L, &error);
    }
    keep_names(L, statement->handle);
    return 1;
}

/* ---- the module -------------------------------------------------------- */

/*
 * sqlite.open(path, milliseconds) -> database | nil, message
 * The file is created when absent. Another process that holds the file is
 * waited for at most so long.
 */
static int l_open(lua_State *L)
{
    const char *path = luaL_checkstring(L, 1);
    int patience = (int)luaL_checkinteger(L, 2);
    struct database *database = lua_newuserdatauv(L, sizeof *database, 0);
    int status = SQLITE_OK;

    database->handle = NULL;
    luaL_setmetatable(L, DATABASE_TYPE);
    status = sqlite3_open_v2(
        path, &database->handle,
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
    if (status != SQLITE_OK) {
        lua_pushnil(L);
        lua_pushstring(L, database->handle != NULL
                              ? sqlite3_errmsg(database->handle)
                              : sqlite3_errstr(status));
        return 2;
    }
    sqlite3_extended_result_codes(database->handle, 1);
    sqlite3_busy_timeout(database->handle, patience);
    return 1;
}

static const luaL_Reg database_methods[] = {
    {"exec", database_exec},
    {"prepare", database_prepare},
    {"moved", database_moved},
    {"close", database_close},
    {NULL, NULL},
};

static const luaL_Reg statement_methods[] = {
    {"run", statement_run},
    {"rows", statement_rows},
    {"close", statement_close},
    {NULL, NULL},
};

/* Registers the metatable NAME. [-0, +0, m] */
static void add_type(lua_State *L, const char *name, lua_CFunction gc,
                     const luaL_Reg *methods)
{
    if (appint_new_metatable(L, name)) {
        lua_pushcfunction(L, gc);
        lua_setfield(L, -2, "__gc");
        lua_newtable(L);
        luaL_setfuncs(L, methods, 0);
        lua_setfield(L, -2, "__index");
        appint_register_metatable(L, name);
    }
    lua_pop(L, 1);
}

int luaopen_appintegrations_sqlite(lua_State *L)
{
    appint_check_version(L);
    add_type(L, DATABASE_TYPE, database_close, database_methods);
    add_type(L, STATEMENT_TYPE, statement_close, statement_methods);
    lua_createtable(L, 0, 1);
    lua_pushcfunction(L, l_open);
    lua_setfield(L, -2, "open");
    return 1;
}
