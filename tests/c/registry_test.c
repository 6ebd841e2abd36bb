/* Names for pids and for values: one holder each, released before an end can be seen. */
#include "support/contract.h"
#include "support/script.h"

#define Z SPAWNED_ZERO_TERMINATED

static spawned_status put(harness *h, const char *name, uint64_t number, spawned_pid owner) {
    const harness_tracked value = harness_tracked_make(h, number);
    return spawned_registry_put(harness_runtime(h), name, Z, &harness_tracked_type, &value, owner);
}

/* The number of a copy, which is ended; or the failure, negative. */
static int64_t get(harness *h, const char *name) {
    harness_tracked value;
    const spawned_status status =
        spawned_registry_get(harness_runtime(h), name, Z, &harness_tracked_type, &value);
    if (status != SPAWNED_OK) return status;
    harness_tracked_type.destroy(&value, NULL);
    return (int64_t)value.number;
}

static spawned_status whereis(harness *h, const char *name, spawned_pid *out_pid) {
    return spawned_registry_whereis(harness_runtime(h), name, Z, out_pid);
}

/* G1, G2 */
static void name_of_an_actor_is_found_until_it_is_freed(void **state) {
    harness *h = *state;
    const spawned_pid actor = script_start(h);
    spawned_pid found = 0;
    assert_status(whereis(h, "clerk", &found), SPAWNED_ENOENT);
    assert_ok(spawned_registry_register("clerk", Z, actor));
    assert_ok(whereis(h, "clerk", &found));
    assert_true(found == actor);
    assert_ok(spawned_registry_whereis(harness_runtime(h), "clerks", 5, &found)); /* by length */
    assert_status(whereis(h, "Clerk", &found), SPAWNED_ENOENT);                   /* bytewise */
    assert_ok(spawned_registry_unregister(harness_runtime(h), "clerk", Z));
    assert_status(whereis(h, "clerk", &found), SPAWNED_ENOENT);
}

/* G1, G3, G7 */
static void taken_name_is_refused_and_keeps_its_holder_until_unregistered(void **state) {
    harness *h = *state;
    const spawned_pid first = script_start(h), second = script_start(h);
    spawned_pid found = 0;
    assert_ok(spawned_registry_register("clerk", Z, first));
    assert_status(spawned_registry_register("clerk", Z, second), SPAWNED_EEXIST);
    assert_status(spawned_registry_register("clerk", Z, first), SPAWNED_EEXIST);
    assert_status(put(h, "clerk", 1, 0), SPAWNED_EEXIST);
    assert_int_equal(harness_tracked_destroyed(h), 1); /* consumed all the same */
    assert_ok(whereis(h, "clerk", &found));
    assert_true(found == first);
    assert_ok(spawned_registry_unregister(harness_runtime(h), "clerk", Z));
    assert_ok(spawned_registry_unregister(harness_runtime(h), "clerk", Z)); /* unknown: a no-op */
    assert_ok(spawned_registry_register("clerk", Z, second));
    assert_ok(whereis(h, "clerk", &found));
    assert_true(found == second);
}

static void actor_may_have_many_names(void **state) {
    harness *h = *state;
    const spawned_pid actor = script_start(h);
    spawned_pid found = 0;
    assert_ok(spawned_registry_register("a", Z, actor));
    assert_ok(spawned_registry_register("b", Z, actor));
    assert_ok(whereis(h, "a", &found));
    assert_ok(spawned_registry_unregister(harness_runtime(h), "a", Z));
    assert_ok(whereis(h, "b", &found));
    assert_true(found == actor);
}

/* G1, G2: any copyable value; each get is a copy of its own */
static void named_value_is_copied_for_each_who_gets_it(void **state) {
    harness *h = *state;
    assert_ok(put(h, "limit", 40, 0));
    assert_int_equal(get(h, "limit"), 40);
    assert_int_equal(get(h, "limit"), 40);
    assert_int_equal(harness_tracked_created(h), 3);
    assert_int_equal(harness_tracked_destroyed(h), 2);
    assert_int_equal(get(h, "limits"), SPAWNED_ENOENT);
    assert_ok(spawned_registry_unregister(harness_runtime(h), "limit", Z));
    assert_int_equal(harness_tracked_destroyed(h), 3);
    assert_int_equal(get(h, "limit"), SPAWNED_ENOENT);
    assert_ok(put(h, "limit", 41, 0)); /* this one ends with the runtime */
}

/* G2: the exact type only */
static void value_is_found_by_its_exact_type_only(void **state) {
    harness *h = *state;
    static const spawned_message_type same = SPAWNED_MESSAGE_TYPE("harness.number", uint64_t);
    uint64_t number = 6, taken = 0;
    spawned_pid found = 0;
    spawned_runtime *runtime = harness_runtime(h);
    const spawned_pid actor = script_start(h);
    assert_ok(spawned_registry_put(runtime, "n", Z, &harness_number_type, &number, 0));
    assert_ok(spawned_registry_get(runtime, "n", Z, &same, &taken)); /* another description of it */
    assert_int_equal(taken, 6);
    assert_int_equal(get(h, "n"), SPAWNED_ETYPE);
    assert_status(spawned_registry_get(runtime, "n", Z, &harness_answer_type, &taken),
                  SPAWNED_ETYPE);
    assert_status(whereis(h, "n", &found), SPAWNED_ENOENT); /* it holds a value */
    assert_ok(spawned_registry_register("p", Z, actor));
    assert_int_equal(get(h, "p"), SPAWNED_ETYPE); /* it holds a pid */
}

struct listing {
    spawned_runtime *runtime;
    size_t count;
    bool value, first, second, wrong;
    spawned_pid actor;
};

static void visit(const char *name, size_t length, spawned_pid pid, void *user_data) {
    struct listing *listing = user_data;
    listing->count++;
    if (length == 5 && memcmp(name, "value", 5) == 0 && pid == 0)
        listing->value = true;
    else if (length == 1 && name[0] == 'a' && pid == listing->actor)
        listing->first = true;
    else if (length == 1 && name[0] == 'b' && pid == listing->actor)
        listing->second = true;
    else
        listing->wrong = true;
    (void)spawned_registry_unregister(listing->runtime, name, length); /* it may call the library */
}

/* G4 */
static void list_visits_every_name_once_and_may_change_the_registry(void **state) {
    harness *h = *state;
    const spawned_pid actor = script_start(h);
    struct listing listing = {.runtime = harness_runtime(h), .actor = actor};
    assert_ok(spawned_registry_list(harness_runtime(h), visit, &listing));
    assert_int_equal(listing.count, 0);
    assert_ok(put(h, "value", 1, 0));
    assert_ok(spawned_registry_register("a", Z, actor));
    assert_ok(spawned_registry_register("b", Z, actor));
    assert_ok(spawned_registry_list(harness_runtime(h), visit, &listing));
    assert_int_equal(listing.count, 3);
    assert_true(listing.value && listing.first && listing.second && !listing.wrong);
    assert_ok(spawned_registry_list(harness_runtime(h), visit, &listing));
    assert_int_equal(listing.count, 3); /* all are gone */
}

/* G5: per runtime, a difference */
static void runtimes_share_no_names(void **state) {
    harness *h = *state;
    spawned_runtime *second = harness_runtime_begin(h, NULL);
    assert_non_null(second);
    spawned_pid found = 0;
    const spawned_pid actor = script_start(h);
    assert_ok(spawned_registry_register("clerk", Z, actor));
    assert_status(spawned_registry_whereis(second, "clerk", Z, &found), SPAWNED_ENOENT);
    const uint64_t number = 1;
    assert_ok(spawned_registry_put(second, "clerk", Z, &harness_number_type, &number, 0));
    assert_status(spawned_registry_put(second, "owned", Z, &harness_number_type, &number, actor),
                  SPAWNED_EINVAL); /* an owner of another runtime */
    assert_int_equal(harness_runtime_end(h, second), 0);
    assert_ok(whereis(h, "clerk", &found));
}

/* G6, LC15: a difference; upstream keeps the name */
static void names_and_values_of_an_actor_are_free_once_its_end_can_be_seen(void **state) {
    harness *h = *state;
    spawned_status (*const ends[])(spawned_pid) = {spawned_actor_stop, spawned_actor_kill};
    for (int i = 0; i < 50; i++) {
        const spawned_pid actor = script_start(h);
        spawned_pid found = 0;
        assert_ok(spawned_registry_register("clerk", Z, actor));
        assert_ok(put(h, "ink", 5, actor));
        assert_ok(ends[i % 2](actor));
        assert_ok(spawned_actor_join(actor, SPAWNED_FOREVER));
        assert_status(whereis(h, "clerk", &found), SPAWNED_ENOENT);
        assert_int_equal(get(h, "ink"), SPAWNED_ENOENT);
        assert_int_equal(harness_tracked_destroyed(h), i + 1);
        const spawned_pid next = script_start(h);
        assert_ok(spawned_registry_register("clerk", Z, next));
        assert_ok(spawned_actor_kill(next));
        assert_ok(spawned_actor_join(next, SPAWNED_FOREVER));
    }
}

/* RG02 */
static void ended_actor_gets_no_name_and_owns_no_value(void **state) {
    harness *h = *state;
    const spawned_pid actor = script_start(h);
    spawned_pid found = 0;
    assert_ok(spawned_actor_stop(actor));
    assert_ok(spawned_actor_join(actor, SPAWNED_FOREVER));
    assert_status(spawned_registry_register("clerk", Z, actor), SPAWNED_ESTOPPED);
    assert_status(put(h, "ink", 5, actor), SPAWNED_ESTOPPED);
    assert_int_equal(harness_tracked_destroyed(h), 1);
    assert_status(whereis(h, "clerk", &found), SPAWNED_ENOENT);
    assert_int_equal(get(h, "ink"), SPAWNED_ENOENT);
}

static spawned_status register_in_stopped(spawned_context *context, harness_probe *probe) {
    atomic_store(&probe->result,
                 spawned_registry_register("last words", Z, spawned_context_self(context)));
    return SPAWNED_OK;
}

/* RG02: while it is ending */
static void ending_actor_gets_no_name(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    probe->on_stopped = register_in_stopped;
    const spawned_pid actor = harness_probe_start(h, probe, NULL);
    spawned_pid found = 0;
    assert_ok(spawned_actor_stop(actor));
    assert_ok(spawned_actor_join(actor, SPAWNED_FOREVER));
    assert_status((spawned_status)probe->result, SPAWNED_ESTOPPED);
    assert_status(whereis(h, "last words", &found), SPAWNED_ENOENT);
}

/* RG05 */
static void bad_and_reserved_names_are_refused(void **state) {
    harness *h = *state;
    static const struct {
        const char *name;
        size_t length;
        spawned_status status;
    } names[] = {{"", Z, SPAWNED_EINVAL},
                 {"x", 0, SPAWNED_EINVAL},
                 {"a\0b", 3, SPAWNED_EINVAL},
                 {"tab\t", Z, SPAWNED_EINVAL},
                 {"\x7f", Z, SPAWNED_EINVAL},
                 {"\xff", Z, SPAWNED_EINVAL},
                 {"\xc3", Z, SPAWNED_EINVAL},
                 {"\xc0\xaf", Z, SPAWNED_EINVAL},
                 {"\xed\xa0\x80", Z, SPAWNED_EINVAL},
                 {"\xf4\x90\x80\x80", Z, SPAWNED_EINVAL},
                 {NULL, 1, SPAWNED_EINVAL},
                 {"spawned.clerk", Z, SPAWNED_EPERM},
                 {"spawned.", Z, SPAWNED_EPERM},
                 {"spawned", Z, SPAWNED_OK},
                 {"gr\xc3\xbc\xc3\x9f", Z, SPAWNED_OK},
                 {"\xf0\x9f\x90\x99", Z, SPAWNED_OK}};
    const spawned_pid actor = script_start(h);
    uint64_t created = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_status(spawned_registry_register(names[i].name, names[i].length, actor),
                      names[i].status);
        if (names[i].status == SPAWNED_OK) continue;
        const harness_tracked value = harness_tracked_make(h, 1);
        assert_status(spawned_registry_put(harness_runtime(h), names[i].name, names[i].length,
                                           &harness_tracked_type, &value, 0),
                      names[i].status);
        assert_int_equal(harness_tracked_destroyed(h), ++created);
    }
    char longest[256];
    memset(longest, 'n', sizeof longest);
    assert_ok(spawned_registry_register(longest, 255, actor));
    assert_status(spawned_registry_register(longest, 256, actor), SPAWNED_EINVAL);
}

/* RG07: 65,536 names, and refusals cost nothing */
static void one_name_too_many_is_refused_until_another_is_freed(void **state) {
    harness *h = *state;
    enum { MOST = 65536 };
    REQUIRE_DETERMINISTIC(h); /* takes long, and concerns no backend */
    const spawned_pid actor = script_start(h);
    char name[32];
    for (int i = 0; i < MOST; i++) {
        snprintf(name, sizeof name, "name %d", i);
        assert_ok(spawned_registry_register(name, Z, actor));
    }
    for (int i = 0; i < 100; i++) {
        assert_status(spawned_registry_register("one more", Z, actor), SPAWNED_ELIMIT);
        assert_status(put(h, "one more", 1, 0), SPAWNED_ELIMIT);
    }
    assert_ok(spawned_registry_unregister(harness_runtime(h), "name 77", Z));
    assert_ok(spawned_registry_register("one more", Z, actor));
    assert_ok(spawned_actor_kill(actor));
    assert_ok(spawned_actor_join(actor, SPAWNED_FOREVER));
    const spawned_pid next = script_start(h);
    assert_ok(spawned_registry_register("name 0", Z, next));
}

struct contender {
    pthread_t thread;
    pthread_barrier_t *barrier;
    spawned_pid actor;
    int rounds, wins, wrong;
};

static void *contend(void *argument) {
    struct contender *contender = argument;
    spawned_runtime *runtime = spawned_pid_runtime(contender->actor);
    for (int i = 0; i < contender->rounds; i++) {
        pthread_barrier_wait(contender->barrier);
        const spawned_status status = spawned_registry_register("crown", Z, contender->actor);
        pthread_barrier_wait(contender->barrier);
        spawned_pid king = 0;
        contender->wrong += spawned_registry_whereis(runtime, "crown", Z, &king) != SPAWNED_OK;
        contender->wrong += (king == contender->actor) != (status == SPAWNED_OK);
        contender->wrong += status != SPAWNED_OK && status != SPAWNED_EEXIST;
        contender->wins += status == SPAWNED_OK;
        pthread_barrier_wait(contender->barrier);
        if (status == SPAWNED_OK) (void)spawned_registry_unregister(runtime, "crown", Z);
    }
    return NULL;
}

/* RG01 */
static void exactly_one_of_many_threads_gets_a_name(void **state) {
    harness *h = *state;
    enum { THREADS = 8, ROUNDS = 200 };
    struct contender contenders[THREADS];
    pthread_barrier_t barrier;
    assert_int_equal(pthread_barrier_init(&barrier, NULL, THREADS), 0);
    for (int i = 0; i < THREADS; i++) {
        contenders[i] =
            (struct contender){.barrier = &barrier, .actor = script_start(h), .rounds = ROUNDS};
    }
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&contenders[i].thread, NULL, contend, &contenders[i]), 0);
    int wins = 0, wrong = 0;
    for (int i = 0; i < THREADS; i++) {
        pthread_join(contenders[i].thread, NULL);
        wins += contenders[i].wins;
        wrong += contenders[i].wrong;
    }
    pthread_barrier_destroy(&barrier);
    assert_int_equal(wins, ROUNDS);
    assert_int_equal(wrong, 0);
}

/* argument: spawned_status *, what the attempt to be king answered. */
static spawned_status reach_for_crown(spawned_context *context, void *state, void *argument) {
    (void)state;
    *(spawned_status *)argument =
        spawned_registry_register("crown", Z, spawned_context_self(context));
    return SPAWNED_OK;
}

/* RG01 */
static void exactly_one_of_many_actors_gets_a_name(void **state) {
    harness *h = *state;
    enum { ACTORS = 16, ROUNDS = 20 };
    spawned_pid actors[ACTORS];
    for (size_t i = 0; i < ACTORS; i++) actors[i] = script_start(h);
    for (int round = 0; round < ROUNDS; round++) {
        spawned_status answers[ACTORS];
        spawned_response *reached[ACTORS];
        for (size_t i = 0; i < ACTORS; i++)
            reached[i] =
                script_request_run(actors[i], reach_for_crown, &answers[i], SPAWNED_FOREVER);
        for (size_t i = 0; i < ACTORS; i++) assert_ok(script_finish(reached[i]));
        spawned_pid king = 0;
        assert_ok(spawned_registry_whereis(harness_runtime(h), "crown", Z, &king));
        for (size_t i = 0; i < ACTORS; i++)
            assert_int_equal(answers[i], actors[i] == king ? SPAWNED_OK : SPAWNED_EEXIST);
        assert_ok(spawned_registry_unregister(harness_runtime(h), "crown", Z));
    }
}

static void *end_the_actor(void *argument) {
    const spawned_pid actor = *(const spawned_pid *)argument;
    (void)spawned_actor_stop(actor);
    return NULL;
}

/* RG04: a pid found by its name is not one whose end is complete */
static void whereis_never_finds_an_actor_whose_end_is_complete(void **state) {
    harness *h = *state;
    if (harness_mode_of(h) == HARNESS_HOST) skip(); /* nobody would run the end */
    for (int i = 0; i < 100; i++) {
        spawned_pid actor = script_start(h), found = 0;
        assert_ok(spawned_registry_register("mayfly", Z, actor));
        pthread_t thread;
        assert_int_equal(pthread_create(&thread, NULL, end_the_actor, &actor), 0);
        bool ended_before = false, found_after = false;
        while (!ended_before) {
            spawned_exit exit = SPAWNED_EXIT_INIT;
            (void)spawned_actor_exit_reason(actor, &exit, NULL, 0);
            ended_before = exit.kind != SPAWNED_EXIT_RUNNING;
            found_after = whereis(h, "mayfly", &found) == SPAWNED_OK;
            if (harness_is_deterministic(h)) (void)spawned_deterministic_step(harness_runtime(h));
        }
        assert_false(found_after);
        pthread_join(thread, NULL);
    }
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        HARNESS_TEST(name_of_an_actor_is_found_until_it_is_freed),
        HARNESS_TEST(taken_name_is_refused_and_keeps_its_holder_until_unregistered),
        HARNESS_TEST(actor_may_have_many_names),
        HARNESS_TEST(named_value_is_copied_for_each_who_gets_it),
        HARNESS_TEST(value_is_found_by_its_exact_type_only),
        HARNESS_TEST(list_visits_every_name_once_and_may_change_the_registry),
        HARNESS_TEST(runtimes_share_no_names),
        HARNESS_TEST(names_and_values_of_an_actor_are_free_once_its_end_can_be_seen),
        HARNESS_TEST(ended_actor_gets_no_name_and_owns_no_value),
        HARNESS_TEST(ending_actor_gets_no_name),
        HARNESS_TEST(bad_and_reserved_names_are_refused),
        HARNESS_TEST(one_name_too_many_is_refused_until_another_is_freed),
        HARNESS_TEST(exactly_one_of_many_threads_gets_a_name),
        HARNESS_TEST(exactly_one_of_many_actors_gets_a_name),
        HARNESS_TEST(whereis_never_finds_an_actor_whose_end_is_complete),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
