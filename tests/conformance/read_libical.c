/* Read the calendars named on the command line with libical; print one JSON line for each:
   {"file": …, "errors": [parse and restriction errors], "rows": [[uid, start, end, status, summary, description], …]}. */
#include <libical/ical.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *whole(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END)) {
        perror(path);
        exit(2);
    }
    long size = ftell(file);
    char *text = calloc(1, (size_t)size + 1);
    rewind(file);
    if (!text || fread(text, 1, (size_t)size, file) != (size_t)size) {
        perror(path);
        exit(2);
    }
    fclose(file);
    return text;
}

static void print_text(const char *text)
{
    if (!text) {
        fputs("null", stdout);
        return;
    }
    putchar('"');
    for (; *text; text++) {
        unsigned char sign = (unsigned char)*text;
        if (sign == '"' || sign == '\\')
            printf("\\%c", sign);
        else if (sign < 0x20)
            printf("\\u%04x", sign);
        else
            putchar(sign);
    }
    putchar('"');
}

static void print_day(icalcomponent *component, icalproperty_kind kind)
{
    icalproperty *property = icalcomponent_get_first_property(component, kind);
    char day[40];
    if (!property) {
        fputs("null", stdout);
        return;
    }
    icaltimetype time = icalvalue_get_datetimedate(icalproperty_get_value(property));
    snprintf(day, sizeof day, time.is_date ? "%04d-%02d-%02d" : "%04d-%02d-%02d (timed)", time.year, time.month, time.day);
    print_text(day);
}

static void print_row(icalcomponent *component)
{
    int task = icalcomponent_isa(component) == ICAL_VTODO_COMPONENT;
    icalproperty *status = icalcomponent_get_first_property(component, ICAL_STATUS_PROPERTY);
    putchar('[');
    print_text(icalcomponent_get_uid(component));
    putchar(',');
    print_day(component, ICAL_DTSTART_PROPERTY);
    putchar(',');
    print_day(component, task ? ICAL_DUE_PROPERTY : ICAL_DTEND_PROPERTY);
    putchar(',');
    print_text(status ? icalproperty_get_value_as_string(status) : NULL);
    putchar(',');
    print_text(icalcomponent_get_summary(component));
    putchar(',');
    print_text(icalcomponent_get_description(component));
    putchar(']');
}

/* Errors are X-LIC-ERROR properties, put where they were found: by the parser, or by the restriction check. */
static int print_errors(icalcomponent *component, int printed)
{
    for (icalproperty *error = icalcomponent_get_first_property(component, ICAL_XLICERROR_PROPERTY); error;
         error = icalcomponent_get_next_property(component, ICAL_XLICERROR_PROPERTY)) {
        if (printed++)
            putchar(',');
        print_text(icalproperty_get_xlicerror(error));
    }
    for (icalcomponent *child = icalcomponent_get_first_component(component, ICAL_ANY_COMPONENT); child;
         child = icalcomponent_get_next_component(component, ICAL_ANY_COMPONENT))
        printed = print_errors(child, printed);
    return printed;
}

static void read_calendar(const char *path)
{
    char *text = whole(path);
    icalcomponent *calendar = icalparser_parse_string(text);
    int rows = 0;
    printf("{\"file\":");
    print_text(path);
    printf(",\"errors\":[");
    if (!calendar || icalcomponent_isa(calendar) != ICAL_VCALENDAR_COMPONENT)
        print_text("not a calendar");
    else {
        int kept = icalrestriction_check(calendar);
        if (!print_errors(calendar, 0) && !kept)
            print_text("icalrestriction_check failed");
    }
    printf("],\"rows\":[");
    for (icalcomponent *one = calendar ? icalcomponent_get_first_component(calendar, ICAL_ANY_COMPONENT) : NULL; one;
         one = icalcomponent_get_next_component(calendar, ICAL_ANY_COMPONENT)) {
        if (icalcomponent_isa(one) != ICAL_VEVENT_COMPONENT && icalcomponent_isa(one) != ICAL_VTODO_COMPONENT)
            continue;
        if (rows++)
            putchar(',');
        print_row(one);
    }
    puts("]}");
    if (calendar)
        icalcomponent_free(calendar);
    free(text);
}

int main(int count, char **paths)
{
    for (int at = 1; at < count; at++)
        read_calendar(paths[at]);
    return 0;
}
