// Every helper macro, in one place. They turn SPAWNED_PROTOCOL's list into plain declarations, 81 methods
// with 27 parameters at most; nothing else of the layer needs the preprocessor.
#pragma once

// Rescans its arguments often enough for 81 rounds of a loop that calls itself again through AGAIN.
#define SPAWNED_DETAIL_EVAL(...) \
    SPAWNED_DETAIL_EVAL3(SPAWNED_DETAIL_EVAL3(SPAWNED_DETAIL_EVAL3(__VA_ARGS__)))
#define SPAWNED_DETAIL_EVAL3(...) \
    SPAWNED_DETAIL_EVAL2(SPAWNED_DETAIL_EVAL2(SPAWNED_DETAIL_EVAL2(__VA_ARGS__)))
#define SPAWNED_DETAIL_EVAL2(...) \
    SPAWNED_DETAIL_EVAL1(SPAWNED_DETAIL_EVAL1(SPAWNED_DETAIL_EVAL1(__VA_ARGS__)))
#define SPAWNED_DETAIL_EVAL1(...) \
    SPAWNED_DETAIL_EVAL0(SPAWNED_DETAIL_EVAL0(SPAWNED_DETAIL_EVAL0(__VA_ARGS__)))
#define SPAWNED_DETAIL_EVAL0(...) __VA_ARGS__
#define SPAWNED_DETAIL_PARENTHESES ()

// EACH(do, data, x, y, …): do(data, x) do(data, y) …
#define SPAWNED_DETAIL_EACH(do, data, ...) \
    __VA_OPT__(SPAWNED_DETAIL_EVAL(SPAWNED_DETAIL_EACH_(do, data, __VA_ARGS__)))
#define SPAWNED_DETAIL_EACH_(do, data, x, ...) \
    do                                         \
    (data, x)                                  \
        __VA_OPT__(SPAWNED_DETAIL_EACH_AGAIN SPAWNED_DETAIL_PARENTHESES(do, data, __VA_ARGS__))
#define SPAWNED_DETAIL_EACH_AGAIN() SPAWNED_DETAIL_EACH_

// The same for the parameters of one method, which are reached from within the loop above; and a third form
// that puts commas between.
#define SPAWNED_DETAIL_FIELDS_EVAL(...) \
    SPAWNED_DETAIL_FIELDS_EVAL2(        \
        SPAWNED_DETAIL_FIELDS_EVAL2(SPAWNED_DETAIL_FIELDS_EVAL2(__VA_ARGS__)))
#define SPAWNED_DETAIL_FIELDS_EVAL2(...) \
    SPAWNED_DETAIL_FIELDS_EVAL1(         \
        SPAWNED_DETAIL_FIELDS_EVAL1(SPAWNED_DETAIL_FIELDS_EVAL1(__VA_ARGS__)))
#define SPAWNED_DETAIL_FIELDS_EVAL1(...) \
    SPAWNED_DETAIL_FIELDS_EVAL0(         \
        SPAWNED_DETAIL_FIELDS_EVAL0(SPAWNED_DETAIL_FIELDS_EVAL0(__VA_ARGS__)))
#define SPAWNED_DETAIL_FIELDS_EVAL0(...) __VA_ARGS__

#define SPAWNED_DETAIL_FIELDS(do, ...) \
    __VA_OPT__(SPAWNED_DETAIL_FIELDS_EVAL(SPAWNED_DETAIL_FIELDS_(do, __VA_ARGS__)))
#define SPAWNED_DETAIL_FIELDS_(do, x, ...) \
    do (x) __VA_OPT__(SPAWNED_DETAIL_FIELDS_AGAIN SPAWNED_DETAIL_PARENTHESES(do, __VA_ARGS__))
#define SPAWNED_DETAIL_FIELDS_AGAIN() SPAWNED_DETAIL_FIELDS_

#define SPAWNED_DETAIL_COMMAS(do, ...) \
    __VA_OPT__(SPAWNED_DETAIL_FIELDS_EVAL(SPAWNED_DETAIL_COMMAS_(do, __VA_ARGS__)))
#define SPAWNED_DETAIL_COMMAS_(do, x, ...) \
    do (x) __VA_OPT__(, SPAWNED_DETAIL_COMMAS_AGAIN SPAWNED_DETAIL_PARENTHESES(do, __VA_ARGS__))
#define SPAWNED_DETAIL_COMMAS_AGAIN() SPAWNED_DETAIL_COMMAS_

// A return type, with or without parentheses around it.
#define SPAWNED_DETAIL_BARE(type) \
    SPAWNED_DETAIL_JOIN(SPAWNED_DETAIL_BARE_, SPAWNED_DETAIL_IS_ENCLOSED(type))(type)
#define SPAWNED_DETAIL_BARE_0(type) type
#define SPAWNED_DETAIL_BARE_1(type) SPAWNED_DETAIL_ENCLOSED type
#define SPAWNED_DETAIL_ENCLOSED(...) __VA_ARGS__
#define SPAWNED_DETAIL_IS_ENCLOSED(...) SPAWNED_DETAIL_CHECK(SPAWNED_DETAIL_PROBE __VA_ARGS__)
#define SPAWNED_DETAIL_PROBE(...) ~, 1
#define SPAWNED_DETAIL_CHECK(...) SPAWNED_DETAIL_SECOND(__VA_ARGS__, 0, ~)
#define SPAWNED_DETAIL_SECOND(first, second, ...) second
#define SPAWNED_DETAIL_JOIN(a, b) SPAWNED_DETAIL_JOIN_(a, b)
#define SPAWNED_DETAIL_JOIN_(a, b) a##b
#define SPAWNED_DETAIL_TEXT(...) SPAWNED_DETAIL_TEXT_(__VA_ARGS__)
#define SPAWNED_DETAIL_TEXT_(...) #__VA_ARGS__
