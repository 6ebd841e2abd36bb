/* Descriptions of supervisors that are wrong: each is refused before anything starts, in words that name the child
 * and the field. And calls to who is no supervisor.
 * modes: deterministic pool */
#include "support/contract.h"
#include "support/family.h"
#include "support/script.h"

static void expect_fault(harness *h, const spawned_supervisor *wrong, const char *words) {
    char text[512];
    assert_status(spawned_supervisor_check(wrong, text, sizeof text), SPAWNED_EINVAL);
    assert_string_equal(text, words);
    spawned_pid pid = 1;
    const uint64_t started = harness_stats(h).actors_started;
    assert_status(spawned_supervisor_start(harness_runtime(h), wrong, NULL, &pid), SPAWNED_EINVAL);
    assert_true(pid == 0);
    assert_true(harness_stats(h).actors_started == started);
    assert_true(harness_log_count(h, SPAWNED_LOG_ERROR, words) >= 1);
}

/* A family of a and b, one field of which is changed by each of the cases. */
static family *fresh(harness *h) {
    static family f;
    family_init(&f, h, "ab", SPAWNED_ONE_FOR_ONE);
    return &f;
}

/* SV19, SV22 */
static void every_wrong_field_is_named(void **state) {
    harness *h = *state;
    char long_name[300];
    memset(long_name, 'x', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = 0;
    expect_fault(h, NULL, "supervisor: NULL");
#define CASE(words, change)                     \
    do {                                        \
        family *f = fresh(h);                   \
        spawned_supervisor *s = &f->supervisor; \
        spawned_child *b = &f->children[1];     \
        (void)s, (void)b;                       \
        change;                                 \
        expect_fault(h, s, words);              \
    } while (0)
    CASE("supervisor: size: 3", s->size = 3);
    CASE("supervisor: name: not 1 to 255 bytes of UTF-8", s->name = "");
    CASE("supervisor: name: not 1 to 255 bytes of UTF-8", s->name = long_name);
    CASE("family: strategy: 4", s->strategy = 4);
    CASE("family: auto_shutdown: 3", s->auto_shutdown = 3);
    CASE("family: flags: 0x4", s->flags = 4);
    CASE("family: intensity: 65537, more than 65536", s->intensity = 65537);
    CASE("family: backoff_max: less than backoff", s->backoff = 9; s->backoff_max = 8);
    CASE("family: children_max: only for a dynamic supervisor", s->children_max = 1);
    CASE("family: children: a dynamic supervisor begins without any",
         s->strategy = SPAWNED_DYNAMIC);
    CASE("family: children: NULL", s->children = NULL);
    CASE("family: child_count: 10001, more than 10000", s->child_count = 10001);
    CASE("family/?: children: one is NULL", f->list[1] = NULL);
    CASE("family/?: size: 7", b->size = 7);
    CASE("family: children[1]: id: NULL", b->id = NULL);
    CASE("family: children[1]: id: 'a' is there twice", b->id = "a");
    CASE("family/?: id: not 1 to 255 bytes of UTF-8", b->id = "\xff");
    CASE("family/b: restart: 3", b->restart = 3);
    CASE("family/b: flags: 0x8", b->flags = 8);
    CASE("family/b: shutdown: must be 0 for a child that is killed", b->flags = SPAWNED_CHILD_KILL;
         b->shutdown = 1);
    CASE("family/b: behavior, supervisor: exactly one of them is needed", b->behavior = NULL);
    CASE("family/b: behavior, supervisor: exactly one of them is needed", b->supervisor = s);
    CASE("family/b: options: malformed", f->options[1].backend = 9);
    CASE("family/b: options.argument: must be NULL; the child has its own",
         f->options[1].argument = b);
    CASE("family/b: options.name: not 1 to 255 bytes of UTF-8, or reserved",
         f->options[1].name = "");
    CASE("family/b: options.name: not 1 to 255 bytes of UTF-8, or reserved",
         f->options[1].name = "spawned.b");
    CASE("family/b: flags: a permanent child cannot be significant",
         b->flags = SPAWNED_CHILD_SIGNIFICANT);
    CASE("family/b: flags: significant, but the supervisor's auto_shutdown is never",
         b->flags = SPAWNED_CHILD_SIGNIFICANT;
         b->restart = SPAWNED_TEMPORARY);
    static const spawned_behavior nameless = {.size = sizeof(spawned_behavior)};
    CASE("family/b: behavior: malformed", b->behavior = &nameless);
    CASE("family/b: argument: must be NULL for a supervisor", b->behavior = NULL;
         b->supervisor = s);
    CASE("supervisor 'family': more than 64 deep, or in itself", b->behavior = NULL;
         b->supervisor = s; b->argument = NULL; b->options = NULL);
    CASE("family/b: options: a supervisor has a name and nothing else", b->behavior = NULL;
         b->supervisor = s; b->argument = NULL; f->options[1].capacity = 1);
#undef CASE
}

/* Ten of each in each: a description of a few hundred bytes. */
static void tree_of_too_many_supervisors_is_refused(void **state) {
    harness *h = *state;
    enum { LEVELS = 7, EACH = 10 };
    static const char *const ids[EACH] = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
    static spawned_supervisor levels[LEVELS];
    static spawned_child children[LEVELS][EACH];
    static const spawned_child *lists[LEVELS][EACH];
    for (int i = 0; i < LEVELS; i++) {
        const size_t count = i == LEVELS - 1 ? 0 : EACH;
        levels[i] = (spawned_supervisor){SPAWNED_SUPERVISOR_INIT("level"), .children = lists[i],
                                         .child_count = count};
        for (size_t j = 0; j < count; j++) {
            children[i][j] =
                (spawned_child){SPAWNED_CHILD_INIT(ids[j]), .supervisor = &levels[i + 1]};
            lists[i][j] = &children[i][j];
        }
    }
    expect_fault(h, &levels[0], "more than 100000 supervisors, or one in itself");
}

static void child_that_is_wrong_is_refused_at_run_time_too(void **state) {
    harness *h = *state;
    family *f = fresh(h);
    f->supervisor.child_count = 1;
    spawned_pid supervisor = 0, pid = 1;
    assert_ok(family_start(f, &supervisor));
    spawned_child *b = &f->children[1];
    b->restart = 7;
    assert_status(spawned_supervisor_start_child(supervisor, b, SPAWNED_DEFAULT, &pid),
                  SPAWNED_EINVAL);
    assert_true(pid == 0);
    assert_int_equal(f->members[1].forgotten, 0);
    assert_int_equal(harness_log_count(h, SPAWNED_LOG_ERROR, "b: restart: 7"), 1);
    b->restart = SPAWNED_TEMPORARY;
    b->flags = SPAWNED_CHILD_SIGNIFICANT;
    assert_status(spawned_supervisor_start_child(supervisor, b, SPAWNED_DEFAULT, &pid),
                  SPAWNED_EUNSUPPORTED);
    b->restart = SPAWNED_PERMANENT;
    assert_status(spawned_supervisor_start_child(supervisor, b, SPAWNED_DEFAULT, &pid),
                  SPAWNED_EINVAL);
    assert_int_equal(harness_log_count(h, SPAWNED_LOG_ERROR,
                                       "b: flags: a permanent child cannot be significant"),
                     1);
    b->flags = 0;
    b->id = NULL;
    assert_status(spawned_supervisor_start_child(supervisor, b, SPAWNED_DEFAULT, &pid),
                  SPAWNED_EUNSUPPORTED);
    assert_status(spawned_supervisor_start_child(supervisor, NULL, SPAWNED_DEFAULT, &pid),
                  SPAWNED_EINVAL);
    b->id = "b";
    assert_ok(spawned_supervisor_start_child(supervisor, b, SPAWNED_DEFAULT, &pid));
    assert_ok(spawned_actor_stop(supervisor));
    assert_ok(spawned_actor_join(supervisor, HARNESS_LONG));
    assert_int_equal(f->members[1].forgotten, 3);
}

static bool is_forgotten(void *member) { return ((family_member *)member)->forgotten == 1; }

static void every_call(harness *h, spawned_pid to, spawned_status expected) {
    family *f = fresh(h);
    spawned_pid pid = 1;
    spawned_child_info info = SPAWNED_CHILD_INFO_INIT;
    size_t count = 1;
    assert_status(spawned_supervisor_start_child(to, &f->children[0], SPAWNED_DEFAULT, &pid),
                  expected);
    assert_true(pid == 0);
    if (expected == SPAWNED_EINVAL)
        assert_int_equal(f->members[0].forgotten, 0); /* it takes nothing */
    else
        assert_true(harness_wait_until(h, is_forgotten, &f->members[0]));
    assert_status(spawned_supervisor_stop_child(to, "a", 1, SPAWNED_DEFAULT), expected);
    assert_status(spawned_supervisor_stop_pid(to, to, SPAWNED_DEFAULT), expected);
    assert_status(spawned_supervisor_restart_child(to, "a", 1, SPAWNED_DEFAULT, &pid), expected);
    assert_status(spawned_supervisor_delete_child(to, "a", 1, SPAWNED_DEFAULT), expected);
    assert_status(spawned_supervisor_child(to, "a", 1, SPAWNED_DEFAULT, &info), expected);
    assert_status(spawned_supervisor_children(to, SPAWNED_DEFAULT, NULL, 0, 0, &count), expected);
    assert_int_equal(count, 0);
}

static void who_is_no_supervisor_says_so(void **state) {
    harness *h = *state;
    const spawned_pid script = script_start(h);
    every_call(h, script, SPAWNED_ENOHANDLER);
    for (int i = 0; i < 64; i++) {
        const spawned_pid invented = script ^ (UINT64_C(1) << i);
        every_call(h, invented, spawned_actor_handles(invented, &script_number_type));
    }
    assert_ok(spawned_actor_stop(script));
    assert_ok(spawned_actor_join(script, HARNESS_LONG));
    every_call(h, script, SPAWNED_ESTOPPED);
    every_call(h, 0, SPAWNED_EINVAL);
}

static void arguments_that_are_wrong_are_refused(void **state) {
    harness *h = *state;
    family *f = fresh(h);
    spawned_pid supervisor = 0, pid = 1;
    spawned_runtime *runtime = harness_runtime(h);
    assert_status(spawned_supervisor_start(NULL, &f->supervisor, NULL, &pid), SPAWNED_EINVAL);
    assert_status(spawned_supervisor_start(runtime, &f->supervisor, NULL, NULL), SPAWNED_EINVAL);
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.backend = SPAWNED_BACKEND_THREAD;
    assert_status(spawned_supervisor_start(runtime, &f->supervisor, &options, &pid),
                  SPAWNED_EINVAL);
    options.backend = SPAWNED_BACKEND_POOL;
    options.name = "the family";
    assert_ok(spawned_supervisor_start(runtime, &f->supervisor, &options, &supervisor));
    assert_status(spawned_supervisor_start(runtime, &f->supervisor, &options, &pid),
                  SPAWNED_EEXIST);
    for (size_t i = 0; i < 2; i++) assert_int_equal(f->members[i].forgotten, 1);
    spawned_child_info info = {.size = 8};
    size_t count;
    assert_status(spawned_supervisor_child(supervisor, "a", 1, SPAWNED_DEFAULT, &info),
                  SPAWNED_EINVAL);
    assert_status(spawned_supervisor_child(supervisor, "a", 1, SPAWNED_DEFAULT, NULL),
                  SPAWNED_EINVAL);
    assert_status(spawned_supervisor_child(supervisor, "", 0, SPAWNED_DEFAULT, &info),
                  SPAWNED_EINVAL);
    assert_status(spawned_supervisor_stop_child(supervisor, NULL, 0, SPAWNED_DEFAULT),
                  SPAWNED_EINVAL);
    assert_status(spawned_supervisor_stop_pid(supervisor, 0, SPAWNED_DEFAULT), SPAWNED_EINVAL);
    assert_status(spawned_supervisor_stop_pid(supervisor, supervisor, SPAWNED_DEFAULT),
                  SPAWNED_ENOENT);
    assert_status(spawned_supervisor_children(supervisor, SPAWNED_DEFAULT, NULL, sizeof info, 1,
                                              &count),
                  SPAWNED_EINVAL);
    assert_status(spawned_supervisor_children(supervisor, SPAWNED_DEFAULT, &info, 8, 1, &count),
                  SPAWNED_EINVAL);
    assert_status(spawned_supervisor_children(supervisor, SPAWNED_DEFAULT, NULL, 0, 0, NULL),
                  SPAWNED_EINVAL);
    assert_status(spawned_supervisor_check(&f->supervisor, NULL, 4), SPAWNED_EINVAL);
    assert_ok(spawned_supervisor_check(&f->supervisor, NULL, 0));
    spawned_child child;
    spawned_supervisor described;
    assert_ok(spawned_child_init(&child, sizeof child, "id"));
    assert_ok(spawned_supervisor_init(&described, sizeof described, "name"));
    assert_ok(spawned_child_info_init(&info, sizeof info));
    assert_status(spawned_child_init(NULL, sizeof child, "id"), SPAWNED_EINVAL);
    assert_status(spawned_child_init(&child, 8, "id"), SPAWNED_EINVAL);
    assert_status(spawned_supervisor_init(&described, sizeof described, NULL), SPAWNED_EINVAL);
    assert_ok(spawned_actor_stop(supervisor));
    assert_ok(spawned_actor_join(supervisor, HARNESS_LONG));
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(every_wrong_field_is_named),
        HARNESS_TEST(tree_of_too_many_supervisors_is_refused),
        HARNESS_TEST(child_that_is_wrong_is_refused_at_run_time_too),
        HARNESS_TEST(who_is_no_supervisor_says_so),
        HARNESS_TEST(arguments_that_are_wrong_are_refused),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
