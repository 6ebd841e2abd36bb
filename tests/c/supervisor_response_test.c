/* A supervisor's children, asked for by responses: awaited in handlers, and read in place. */
#include <string.h>

#include "family_begin.h"
#include "support/script.h"

/* What a response to be read in place tells; it must be ready. */
static const void *told(spawned_response *response, size_t least) {
    void *value = NULL;
    size_t size = 0;
    assert_ok(spawned_response_value(response, &value, &size));
    assert_true(size >= least);
    assert_true(*(const size_t *)value >= least);
    return value;
}

static void stop_child(spawned_pid supervisor, const char *id) {
    assert_ok(spawned_supervisor_stop_child(supervisor, id, 1, SPAWNED_DEFAULT));
}

/* SV17 */
static void listed_children_are_read_in_place(void **state) {
    harness *h = *state;
    static family f;
    family_init(&f, h, "abc", SPAWNED_ONE_FOR_ONE);
    family_child(&f, 'b')->restart = SPAWNED_TRANSIENT;
    const spawned_pid supervisor = begin(&f);
    stop_child(supervisor, "b");
    spawned_response *response = NULL;
    assert_ok(spawned_supervisor_children_response(supervisor, SPAWNED_DEFAULT, &response));
    assert_ok(spawned_response_wait(response, HARNESS_LONG));
    const spawned_child_list *list = told(response, sizeof *list);
    assert_int_equal(list->count, 3);
    assert_int_equal(list->stride, sizeof(spawned_child_info));
    for (size_t i = 0; i < 3; i++) {
        const spawned_child_info *info = spawned_child_list_at(list, i);
        assert_ptr_equal(info, (const char *)list->children + i * list->stride);
        assert_int_equal(info->size, sizeof *info);
        assert_string_equal(info->id, f.ids[i]);
        assert_int_equal(info->restart, i == 1 ? SPAWNED_TRANSIENT : SPAWNED_PERMANENT);
        assert_int_equal(info->state, i == 1 ? SPAWNED_CHILD_ENDED : SPAWNED_CHILD_RUNNING);
        assert_true(info->pid == (i == 1 ? 0 : family_pid(&f, f.ids[i][0])));
    }
    assert_null(spawned_child_list_at(list, 3));
    assert_null(spawned_child_list_at(NULL, 0));
    spawned_response_release(response);
    stop_and_join(supervisor);
}

static void list_of_no_children_is_empty(void **state) {
    harness *h = *state;
    static family f;
    family_init(&f, h, "", SPAWNED_DYNAMIC);
    const spawned_pid supervisor = begin(&f);
    spawned_response *response = NULL;
    assert_ok(spawned_supervisor_children_response(supervisor, SPAWNED_DEFAULT, &response));
    assert_ok(spawned_response_wait(response, HARNESS_LONG));
    const spawned_child_list *list = told(response, sizeof *list);
    assert_int_equal(list->count, 0);
    assert_null(list->children);
    assert_null(spawned_child_list_at(list, 0));
    spawned_response_release(response);
    stop_and_join(supervisor);
}

/* Whoever takes bytes out knows one size of the struct; the library's may be another one. */
static void what_may_grow_is_not_taken_out(void **state) {
    harness *h = *state;
    static family f;
    family_init(&f, h, "a", SPAWNED_ONE_FOR_ONE);
    const spawned_pid supervisor = begin(&f);
    spawned_response *one = NULL, *all = NULL;
    union {
        spawned_child_info info;
        spawned_child_list list;
    } untouched;
    assert_ok(spawned_supervisor_child_response(supervisor, "a", 1, SPAWNED_DEFAULT, &one));
    assert_ok(spawned_supervisor_children_response(supervisor, SPAWNED_DEFAULT, &all));
    assert_ok(spawned_response_wait(one, HARNESS_LONG));
    assert_ok(spawned_response_wait(all, HARNESS_LONG));
    assert_status(spawned_response_take(one, &untouched), SPAWNED_EUNSUPPORTED);
    assert_status(spawned_response_take(all, &untouched), SPAWNED_EUNSUPPORTED);
    const spawned_child_info *info = told(one, sizeof *info);
    assert_string_equal(info->id, "a");
    assert_true(info->pid == family_pid(&f, 'a'));
    const spawned_child_list *list = told(all, sizeof *list);
    assert_string_equal(spawned_child_list_at(list, 0)->id, "a");
    spawned_response_release(one);
    spawned_response_release(all);
    stop_and_join(supervisor);
}

static void what_was_told_stays_as_long_as_its_response(void **state) {
    harness *h = *state;
    static family f;
    family_init(&f, h, "ab", SPAWNED_ONE_FOR_ONE);
    const spawned_pid supervisor = begin(&f);
    const spawned_pid a = family_pid(&f, 'a');
    spawned_response *one = NULL, *all = NULL, *unread = NULL;
    assert_ok(spawned_supervisor_child_response(supervisor, "a", 1, SPAWNED_DEFAULT, &one));
    assert_ok(spawned_supervisor_children_response(supervisor, SPAWNED_DEFAULT, &all));
    assert_ok(spawned_supervisor_children_response(supervisor, SPAWNED_DEFAULT, &unread));
    assert_ok(spawned_response_wait(one, HARNESS_LONG));
    assert_ok(spawned_response_wait(all, HARNESS_LONG));
    assert_ok(spawned_response_wait(unread, HARNESS_LONG));
    stop_child(supervisor, "a");
    assert_ok(spawned_supervisor_delete_child(supervisor, "a", 1, SPAWNED_DEFAULT));
    stop_and_join(supervisor);
    assert_int_equal(harness_end_runtime(h), 0);
    const spawned_child_info *info = told(one, sizeof *info);
    assert_string_equal(info->id, "a");
    assert_true(info->pid == a);
    const spawned_child_list *list = told(all, sizeof *list);
    assert_int_equal(list->count, 2);
    assert_string_equal(spawned_child_list_at(list, 0)->id, "a");
    assert_string_equal(spawned_child_list_at(list, 1)->id, "b");
    spawned_response_release(one);
    spawned_response_release(all);
    spawned_response_release(unread);
}

typedef spawned_status (*call_by_id)(spawned_pid supervisor, const char *id, size_t length,
                                     spawned_duration timeout, spawned_response **out_response);

/* About a child that is not there, one that runs, b, which has ended, and one that waits for its restart. */
static spawned_pid begin_and_call(harness *h, family *f, call_by_id call) {
    family_init(f, h, "abc", SPAWNED_ONE_FOR_ONE);
    f->supervisor.backoff = HARNESS_LONG;
    const spawned_pid supervisor = begin(f);
    const struct {
        const char *id;
        spawned_status expected;
    } calls[] = {{"z", SPAWNED_ENOENT},
                 {"a", SPAWNED_EALREADY},
                 {"b", SPAWNED_OK},
                 {"c", SPAWNED_EBUSY}};
    stop_child(supervisor, "b");
    assert_ok(family_tell(f, 'c', FAMILY_FAIL));
    assert_true(harness_settle(h));
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        spawned_response *response = NULL;
        assert_ok(
            call(supervisor, calls[i].id, SPAWNED_ZERO_TERMINATED, SPAWNED_DEFAULT, &response));
        assert_status(spawned_response_wait(response, HARNESS_LONG), calls[i].expected);
        spawned_response_release(response);
    }
    return supervisor;
}

/* SV17 */
static void a_restart_is_answered_as_the_call_that_waits(void **state) {
    harness *h = *state;
    static family f;
    const spawned_pid supervisor = begin_and_call(h, &f, spawned_supervisor_restart_child_response);
    assert_int_equal(family_of(&f, 'b')->lives, 2);
    stop_and_join(supervisor);
    assert_true(family_is_gone(&f));
}

/* SV17 */
static void a_deletion_is_answered_as_the_call_that_waits(void **state) {
    harness *h = *state;
    static family f;
    const spawned_pid supervisor = begin_and_call(h, &f, spawned_supervisor_delete_child_response);
    spawned_response *response = NULL;
    assert_ok(spawned_supervisor_child_response(supervisor, "b", 1, SPAWNED_DEFAULT, &response));
    assert_status(spawned_response_wait(response, HARNESS_LONG), SPAWNED_ENOENT);
    spawned_response_release(response);
    stop_and_join(supervisor);
}

/* SV31: it works where no handler can block, too. */
static void children_are_asked_for_by_handlers_that_await(void **state) {
    harness *h = *state;
    static family f;
    family_init(&f, h, "ab", SPAWNED_ONE_FOR_ONE);
    const spawned_pid supervisor = begin(&f), asking = script_start(h);
    stop_child(supervisor, "b");
    script_wait one = {.count = 1}, all = {.count = 1}, gone = {.count = 1};
    assert_ok(
        spawned_supervisor_child_response(supervisor, "a", 1, SPAWNED_DEFAULT, &one.responses[0]));
    assert_ok(script_run(asking, script_await, &one));
    assert_ok(spawned_supervisor_children_response(supervisor, SPAWNED_DEFAULT, &all.responses[0]));
    assert_ok(script_run(asking, script_await, &all));
    assert_ok(spawned_supervisor_delete_child_response(supervisor, "b", 1, SPAWNED_DEFAULT,
                                                       &gone.responses[0]));
    assert_ok(script_run(asking, script_await, &gone));
    script_wait *const waits[] = {&one, &all, &gone};
    for (size_t i = 0; i < 3; i++) {
        assert_ok(waits[i]->awaited);
        assert_int_equal(waits[i]->resumed, 1);
        assert_ok(waits[i]->outcome);
    }
    const spawned_child_info *info = told(one.responses[0], sizeof *info);
    assert_true(info->pid == family_pid(&f, 'a'));
    const spawned_child_list *list = told(all.responses[0], sizeof *list);
    assert_int_equal(list->count, 2);
    for (size_t i = 0; i < 3; i++) spawned_response_release(waits[i]->responses[0]);
    stop_and_join(asking);
    stop_and_join(supervisor);
}

static void refused(spawned_status status, spawned_status expected, spawned_response **response) {
    assert_status(status, expected);
    assert_status(spawned_response_poll(*response), expected);
    spawned_response_release(*response);
    *response = NULL;
}

static void responses_of_nobody_hold_the_error(void **state) {
    harness *h = *state;
    static family f;
    family_init(&f, h, "a", SPAWNED_ONE_FOR_ONE);
    const spawned_pid supervisor = begin(&f);
    spawned_response *r = NULL;
    refused(spawned_supervisor_child_response(supervisor, "", 0, 0, &r), SPAWNED_EINVAL, &r);
    refused(spawned_supervisor_child_response(supervisor, NULL, 0, 0, &r), SPAWNED_EINVAL, &r);
    refused(spawned_supervisor_delete_child_response(supervisor, NULL, 0, 0, &r), SPAWNED_EINVAL,
            &r);
    refused(spawned_supervisor_children_response(0, 0, &r), SPAWNED_EINVAL, &r);
    assert_status(spawned_supervisor_child_response(supervisor, "a", 1, 0, NULL), SPAWNED_EINVAL);
    assert_status(spawned_supervisor_delete_child_response(supervisor, "a", 1, 0, NULL),
                  SPAWNED_EINVAL);
    assert_status(spawned_supervisor_children_response(supervisor, 0, NULL), SPAWNED_EINVAL);
    stop_and_join(supervisor);
    refused(spawned_supervisor_child_response(supervisor, "a", 1, 0, &r), SPAWNED_ESTOPPED, &r);
    refused(spawned_supervisor_delete_child_response(supervisor, "a", 1, 0, &r), SPAWNED_ESTOPPED,
            &r);
    refused(spawned_supervisor_children_response(supervisor, 0, &r), SPAWNED_ESTOPPED, &r);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(listed_children_are_read_in_place),
        HARNESS_TEST(list_of_no_children_is_empty),
        HARNESS_TEST(what_may_grow_is_not_taken_out),
        HARNESS_TEST(what_was_told_stays_as_long_as_its_response),
        HARNESS_TEST(a_restart_is_answered_as_the_call_that_waits),
        HARNESS_TEST(a_deletion_is_answered_as_the_call_that_waits),
        HARNESS_TEST(children_are_asked_for_by_handlers_that_await),
        HARNESS_TEST(responses_of_nobody_hold_the_error),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
