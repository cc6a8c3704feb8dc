/* SPDX-License-Identifier: MIT */
/* Times as text: see timestamp.h. */

#include "base/timestamp.h"

#include <string.h>

struct cursor {
    const char *at;
    const char *end;
};

struct civil {
    int year, month, day, hour, minute, second;
    double fraction;
    int offset; /* seconds east of UTC */
};

/* Exactly COUNT digits. */
static bool digits(struct cursor *c, int count, int *value)
{
    int result = 0;

    if (c->end - c->at < count) {
        return false;
    }
    for (; count > 0; count--, c->at++) {
        if (*c->at < '0' || *c->at > '9') {
            return false;
        }
        result = result * 10 + (*c->at - '0');
    }
    *value = result;
    return true;
}

static bool literal(struct cursor *c, const char *text)
{
    size_t len = strlen(text);

    if ((size_t)(c->end - c->at) < len || memcmp(c->at, text, len) != 0) {
        return false;
    }
    c->at += len;
    return true;
}

static bool clock_time(struct cursor *c, struct civil *t)
{
    return digits(c, 2, &t->hour) && literal(c, ":") &&
           digits(c, 2, &t->minute) && literal(c, ":") &&
           digits(c, 2, &t->second);
}

static bool is_digit(const struct cursor *c)
{
    return c->at < c->end && *c->at >= '0' && *c->at <= '9';
}

/* One digit at least, where there is a point. */
static bool fraction(struct cursor *c, struct civil *t)
{
    double unit = 0.1;

    if (!literal(c, ".")) {
        return true;
    }
    if (!is_digit(c)) {
        return false;
    }
    for (; is_digit(c); c->at++) {
        t->fraction += unit * (*c->at - '0');
        unit /= 10;
    }
    return true;
}

static bool zone(struct cursor *c, struct civil *t)
{
    int sign = literal(c, "-") ? -1 : literal(c, "+") ? 1 : 0;
    int hours, minutes;

    if (sign == 0) {
        return literal(c, "Z") || literal(c, "z");
    }
    if (!digits(c, 2, &hours) || !literal(c, ":") || !digits(c, 2, &minutes) ||
        hours > 23 || minutes > 59) {
        return false;
    }
    t->offset = sign * (hours * 3600 + minutes * 60);
    return true;
}

static bool rfc3339(struct cursor c, struct civil *t)
{
    if (!digits(&c, 4, &t->year) || !literal(&c, "-") ||
        !digits(&c, 2, &t->month) || !literal(&c, "-") ||
        !digits(&c, 2, &t->day) || !literal(&c, "T") || !clock_time(&c, t)) {
        return false;
    }
    return fraction(&c, t) && zone(&c, t) && c.at == c.end;
}

static bool month_name(struct cursor *c, int *month)
{
    static const char names[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

    for (int i = 0; i < 12; i++) {
        if (literal(c, names[i])) {
            *month = i + 1;
            return true;
        }
    }
    return false;
}

/* The IMF-fixdate form, which every server has to send. */
static bool http_date(struct cursor c, struct civil *t)
{
    if (c.end - c.at < 5 || memcmp(c.at + 3, ", ", 2) != 0) {
        return false;
    }
    c.at += 5;
    return digits(&c, 2, &t->day) && literal(&c, " ") &&
           month_name(&c, &t->month) && literal(&c, " ") &&
           digits(&c, 4, &t->year) && literal(&c, " ") && clock_time(&c, t) &&
           literal(&c, " GMT") && c.at == c.end;
}

/*
 * Days from 1970-01-01 in the proleptic Gregorian calendar: years start in
 * March, so that the leap day is the last of its year.
 */
static long long days_from_civil(const struct civil *t)
{
    long long year = t->month <= 2 ? t->year - 1 : t->year;
    long long era = (year >= 0 ? year : year - 399) / 400;
    long long year_of_era = year - era * 400;
    long long month = (t->month + 9) % 12;
    long long day_of_year = (153 * month + 2) / 5 + t->day - 1;
    long long day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

    return era * 146097 + day_of_era - 719468;
}

static int days_in(int year, int month)
{
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    if (month == 2) {
        return leap ? 29 : 28;
    }
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

static bool plausible(const struct civil *t)
{
    return t->month >= 1 && t->month <= 12 && t->day >= 1 &&
           t->day <= days_in(t->year, t->month) && t->hour <= 23 &&
           t->minute <= 59 && t->second <= 60;
}

bool appint_timestamp_parse(const char *text, size_t len, double *seconds)
{
    struct cursor c = {text, text + len};
    struct civil first = {0}, second = {0}, *t = &first;

    if (!rfc3339(c, t)) {
        t = &second;
        if (!http_date(c, t)) {
            return false;
        }
    }
    if (!plausible(t)) {
        return false;
    }
    *seconds = (double)(days_from_civil(t) * 86400 + t->hour * 3600L +
                        t->minute * 60L + t->second - t->offset) +
               t->fraction;
    return true;
}

static void put_digits(char *to, int64_t value, int count)
{
    while (count-- > 0) {
        to[count] = (char)('0' + value % 10);
        value /= 10;
    }
}

/* The inverse of days_from_civil, as YYYYMMDD. */
static void put_date(char *to, int64_t days_since_1970)
{
    int64_t days = days_since_1970 + 719468; /* since 0000-03-01 */
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t day = days - era * 146097;
    int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    int64_t day_of_year = day - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * day_of_year + 2) / 153; /* 0 is March */
    int64_t is_next_year = month >= 10;

    put_digits(to, year + era * 400 + is_next_year, 4);
    put_digits(to + 4, month + (is_next_year ? -9 : 3), 2);
    put_digits(to + 6, day_of_year - (153 * month + 2) / 5 + 1, 2);
}

void appint_timestamp_format(char to[APPINT_TIMESTAMP_SIZE], int64_t seconds)
{
    int64_t second = seconds % 86400;

    if (second < 0) {
        second += 86400;
    }
    put_date(to, (seconds - second) / 86400);
    to[8] = 'T';
    put_digits(to + 9, second / 3600, 2);
    put_digits(to + 11, second / 60 % 60, 2);
    put_digits(to + 13, second % 60, 2);
    to[15] = 'Z';
}
