/* SPDX-License-Identifier: MIT */
#ifndef APPINT_MODEL_H
#define APPINT_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The service model as constant tables. src/model/generate.lua writes them
 * (src/model/tables.c) from the description src/model/appintegrations.model;
 * nothing here is edited by hand. All strings are zero-terminated; the
 * *_len fields spare a strlen on the hot path.
 */

enum appint_type {
    APPINT_STRUCTURE,
    APPINT_LIST,
    APPINT_MAP,
    APPINT_STRING,
    APPINT_INTEGER, /* integer and long: up to 64 bits */
    APPINT_FLOAT,   /* float and double */
    APPINT_BOOLEAN,
    APPINT_TIMESTAMP /* epoch seconds on the wire (rest-json) */
};

enum appint_location {
    APPINT_IN_BODY,
    APPINT_IN_LABEL, /* a part of the path */
    APPINT_IN_QUERY
};

enum appint_member_flag {
    APPINT_REQUIRED = 1,
    APPINT_IDEMPOTENCY_TOKEN = 2,
    APPINT_DEPRECATED = 4
};

struct appint_pattern; /* pattern.h */

struct appint_member {
    const char *name; /* in Lua tables */
    const char *wire; /* JSON key, query name or label name */
    const struct appint_shape *shape;
    const char *deprecated_since; /* "2025-12-01", or NULL */
    uint8_t name_len;
    uint8_t wire_len;
    uint8_t location; /* enum appint_location */
    uint8_t flags;    /* enum appint_member_flag */
};

struct appint_shape {
    const char *name;
    uint8_t type; /* enum appint_type */
    bool has_min; /* of length (strings: code points), count or value */
    bool has_max;
    uint16_t id;     /* its place in appint_shapes, from 1 */
    uint16_t status; /* error structures: the HTTP status; else 0 */
    uint16_t count;  /* of members or enum values */
    uint16_t before; /* structures: the members of all shapes before it */
    int64_t min;
    int64_t max;
    const char *pattern_text;             /* as in the model, or NULL */
    const struct appint_pattern *pattern; /* its matcher, or NULL */
    const char *const *values;            /* strings with an enum: sorted */
    const struct appint_member *members;  /* structures: in model order */
    const struct appint_shape *key;       /* maps */
    const struct appint_shape *element;   /* lists and maps: the value */
};

/* Members of the listing operations; all NULL for the others. */
struct appint_pagination {
    const char *input_token;
    const char *output_token;
    const char *limit_key;
    const char *result_key;
};

struct appint_operation {
    const char *name;        /* "CreateDataIntegration" */
    const char *method_name; /* "create_data_integration" */
    const char *http_method;
    const char *uri; /* "/dataIntegrations/{Identifier}" */
    const struct appint_shape *input;
    const struct appint_shape *output;
    const struct appint_shape *const *errors; /* NULL-terminated */
    struct appint_pagination pagination;
    uint16_t success; /* the HTTP status of success */
    bool has_body;    /* some input member is in the body */
};

/* Sorted by method_name. */
extern const struct appint_operation appint_operations[];
extern const size_t appint_operation_count;

/* All shapes, sorted by name. */
extern const struct appint_shape *const appint_shapes[];
extern const size_t appint_shape_count;
extern const size_t appint_member_count; /* of all of them together */

extern const char appint_signing_name[];    /* "app-integrations" */
extern const char appint_endpoint_prefix[]; /* "app-integrations" */

/* By method name, or NULL. */
const struct appint_operation *appint_operation_find(const char *method_name);

/* By its name in the model, or NULL. */
const struct appint_shape *appint_shape_find(const char *name);

/* The member called NAME (as in Lua tables), or NULL. */
const struct appint_member *appint_member_find(const struct appint_shape *shape,
                                               const char *name, size_t len);

/* Whether VALUE is one of the enum values of SHAPE. */
bool appint_enum_has(const struct appint_shape *shape, const char *value,
                     size_t len);

#endif
