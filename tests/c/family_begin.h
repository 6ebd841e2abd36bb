/* The beginning and the end of a family's supervisor, with assertions: for a test's body. */
#ifndef SPAWNED_TESTS_C_FAMILY_BEGIN_H
#define SPAWNED_TESTS_C_FAMILY_BEGIN_H

#include "support/contract.h"
#include "support/family.h"

/* Its children have started when it returns. */
static inline spawned_pid begin(family *f) {
    spawned_pid supervisor = 0;
    assert_ok(family_start(f, &supervisor));
    assert_true(harness_settle(f->owner));
    return supervisor;
}

static inline void stop_and_join(spawned_pid pid) {
    assert_ok(spawned_actor_stop(pid));
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
}

#endif
