/* A family: children that write into one journal when they start and end, fail when they are told or planned to,
 * and notice when there are two of one; and the supervisor that they are for.
 *
 * The journal: "+a" when a's started has returned, "-a" when a has ended; in between "!a" for a planned
 * failure of its init or started. */
#ifndef SPAWNED_TESTS_SUPPORT_FAMILY_H
#define SPAWNED_TESTS_SUPPORT_FAMILY_H

#include "harness.h"

enum { FAMILY_MOST = 16, FAMILY_CODE = 9 /* what a child fails with */ };

/* What a child can be told. */
typedef enum family_order {
    FAMILY_FAIL = 1,
    FAMILY_QUIT = 2,  /* stops itself */
    FAMILY_CLING = 3, /* awaits what never comes: a stop does not end it, a kill does */
    FAMILY_HOLD = 4,  /* passes the family's gate, without the library */
    FAMILY_BLOCK =
        5 /* waits in its handler for the end of `release`: neither a stop nor a kill ends it */
} family_order;

struct family;

typedef struct family_member {
    struct family *home;
    char letter;
    _Atomic int32_t init_failures;    /* of its next inits, so many fail */
    _Atomic int32_t started_failures; /* likewise */
    _Atomic int32_t quits;            /* of its next starts, so many find themselves not needed */
    _Atomic int32_t
        holds;          /* in its next starteds it waits for the end of `release`, so many times */
    _Atomic char fells; /* in its next started it has this sibling fail, and waits for its end */
    _Atomic int32_t lives; /* how often it has started */
    _Atomic int32_t alive;
    _Atomic int32_t doubles;   /* times that a second one was made */
    _Atomic int32_t forgotten; /* times that its argument was destroyed */
    _Atomic uint64_t pid;
} family_member;

typedef struct family {
    harness *owner;
    harness_gate *gate;
    spawned_pid release; /* for a test to start, if it has children block */
    pthread_mutex_t lock;
    char journal[16384];
    size_t used;
    size_t count;
    family_member members[FAMILY_MOST];
    char ids[FAMILY_MOST][2];
    spawned_actor_options options[FAMILY_MOST];
    spawned_child children[FAMILY_MOST];
    const spawned_child *list[FAMILY_MOST];
    spawned_supervisor supervisor; /* of all of them; for a test to change before it starts */
} family;

extern const spawned_behavior family_behavior;

/* Whose children are called by these letters, and have the mode's backends in turn. The memory outlives the
 * runtime: it is static in a test. */
void family_init(family *f, harness *h, const char *letters, spawned_strategy strategy);
family_member *family_of(family *f, char letter);
spawned_child *family_child(family *f, char letter);

/* Starts the family's supervisor; what that returned. */
spawned_status family_start(family *f, spawned_pid *out_supervisor);

/* The pid of the incarnation that started last. */
spawned_pid family_pid(family *f, char letter);
spawned_status family_tell(family *f, char letter, family_order order);

/* Waits until it has started so often in all; deterministic: settles first. */
bool family_wait_lives(family *f, char letter, int32_t lives);
/* Waits until the journal is this; prints both if it does not become so. */
bool family_wait_journal(family *f, const char *journal);
void family_clear(family *f);
/* Whether nobody is alive and nobody ever was there twice. */
bool family_is_gone(const family *f);

#endif
