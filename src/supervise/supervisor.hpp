// A supervisor: an actor like any other, whose state is its children and whose messages are their ends, its timers
// and the calls of the program. It never waits but at its own end, so it answers whatever its children do.
//
//   child:   ended -> starting -> running -> stopping -> ended
//            restarting -> starting, or ended        it has ended, and an attempt to start it is to come
//
// A round is what a supervisor does to several children in order: it ends those that are concerned, the last
// first, each once the one behind it has ended; then it starts them, the first first. The start of a supervisor is a
// round without the first half, and the restart of a group is one. Several failures at once are one round: what
// ends while it was to be ended anyway has only spared the trouble.
#pragma once

#include <spawned/reply.h>
#include <spawned/request.h>
#include <spawned/timer.h>

#include "supervise/policy.hpp"
#include "supervise/spec.hpp"

namespace spawned::engine {

struct supervisor;

// Somebody who waits for a child to have started, or to have ended. Not by a handle: a program's number that is
// another thing's, and by chance the handle's, would answer in the supervisor's place.
struct waiter {
    waiter* next;
    message* asked;
    bool for_start;
};

enum class child_state : uint8_t { ended, starting, running, stopping, restarting };

struct child {
    child* before;  // in the order of starts
    child* after;
    child* chain;  // in the table of pids
    const child_spec* spec;
    spawned_pid pid;  // 0: ended
    waiter* waiting;
    uint64_t place;  // grows along the order
    uint64_t
        moment;  // when it was started; of an early one: how it ended; when it was asked to end
    spawned_timer timer;  // starting to restart, or to be killed; 0: none
    uint32_t serial;      // of the message that may act on it; others are late
    uint32_t due;         // messages about it that will come, late ones included
    uint32_t restarts;
    uint16_t in_a_row;  // restarts without having run for a period
    child_state state;
    bool wanted : 1;     // false: stopped by a call, until a call starts it
    bool own_spec : 1;   // behind this struct: added at run time
    bool forgotten : 1;  // only late messages keep it
    bool early : 1;      // ended while the supervisor was starting
    bool fresh : 1;      // added by a call and never started
    bool asked : 1;      // to end, at the supervisor's own end
    bool killed : 1;     // likewise
    bool left : 1;       // it does not end; the supervisor goes on without
};
static_assert(sizeof(child) <= 96);

enum class round_step : uint8_t { none, stopping, starting };

struct supervisor {
    core* home;
    supervisor_spec* spec;  // counted
    spawned_pid self;
    child* first;
    child* last;
    child* ghosts;  // forgotten ones that late messages speak of; linked by after
    uint64_t count;
    uint64_t there;  // those that have a pid
    uint64_t next_place;
    child** table;  // by pid; a power of two of chains
    uint64_t table_size;
    restart_window window;

    child* round_from;   // the first that is concerned
    child* round_at;     // the one whose end or start it waits for, or the next
    child* round_pause;  // whose timer it waits for before it starts any; null: none
    round_step round;
    bool
        beginning;  // its own start: the first round, or the wait for what its last incarnation left
    bool over;      // it has begun to end its children
    uint64_t left_behind;  // what its start waits for: ends of the last incarnation's children

    spawned_message* ready;  // to the supervisor above; or
    message* ready_promise;  // of who starts it from outside; null: none

    child* ending_at;        // its end: the child that is waited for
    uint64_t look_at;        // when its patience with the first child is over
    uint64_t left_alone;     // those that have a pid and are not waited for
    spawned_status failure;  // what its start failed with
    bool done;               // nobody is left: it may end
    char failure_text[256];
};

// What its actor's init is handed.
struct supervisor_start {
    core* home;
    supervisor_spec* spec;
    spawned_message* ready;
    message* ready_promise;
};

// The messages that a supervisor sends itself, or is sent by the engine, and their values.
struct child_ended {
    child* who;
    spawned_status code;
    spawned_exit_kind kind;
};
struct child_news {  // it has started; or its time is over
    child* who;
    uint32_t serial;
};
extern const spawned_message_type child_ended_type;
extern const spawned_message_type child_ready_type;
extern const spawned_message_type child_due_type;
extern const spawned_message_type patience_type;

// What the program asks, and how it is answered.
struct start_call {
    core* home;
    child_spec spec;  // behavior null: taken over
};
enum class child_call : uint32_t { stop, restart, forget };
struct child_name {
    child_call what;
    uint32_t length;  // 0: by pid
    spawned_pid pid;
    char id[256];
};
// Read in place by the program, which may write into it: what frees it stands behind what it sees.
struct listing {
    spawned_child_list told;
    core* home;
    spawned_child_info* children;
    uint64_t count;
};
extern const spawned_message_type start_call_type;  // answered with a pid
extern const spawned_message_type child_call_type;  // answered with a pid; 0 but for a restart
extern const spawned_message_type
    child_info_type;                          // of a child_name; answered with a spawned_child_info
extern const spawned_message_type list_type;  // answered with a listing

// A message to itself, its value copied, that the engine sends once it is handed over; null without memory.
message* reserve_message(const supervisor& self, const spawned_message_type& type,
                         const void* value);
// By a timer that no call of the program's takes away.
spawned_status send_self_later(const supervisor& self, const spawned_message_type& type,
                               const void* value, uint64_t delay, spawned_timer* out_timer);

// children.cpp: the table, and its members' memory.
child* add_child(supervisor& self,
                 const child_spec* spec);  // null: a new one, spec to be filled in
child_spec* own_spec_of(child& one);
void forget_child(supervisor& self, child& one);
void free_ghost(supervisor& self, child& one);
child* find_child(const supervisor& self, const char* id, size_t length);
child* find_child(const supervisor& self, spawned_pid pid);
void enter_pid(supervisor& self, child& one);
void leave_pid(supervisor& self, child& one);
void free_children(supervisor& self);
void free_remains(core& home, child* remains);

// Who asks in the message that is handled now; false without memory.
bool add_waiter(supervisor& self, child& one, bool for_start);
// Tells those who wait for a start, or an end. OK: started, or ended.
void answer_waiters(supervisor& self, child& one, bool for_start, spawned_status status,
                    const char* text);

// birth.cpp: one incarnation's begin and end.
spawned_status start_child(supervisor& self, child& one, text** out_failure = nullptr);
void stop_child(supervisor& self, child& one);
void kill_child(supervisor& self, child& one);
void send_stop(supervisor& self, child& one);
// A message about a child after a delay; false without memory. At most one is not late.
bool arm(supervisor& self, child& one, uint64_t delay);
void disarm(const supervisor& self, child& one);

// rounds.cpp: what follows from what. A failure is the supervisor's own: its handler returns it.
spawned_status begin(
    supervisor& self);  // its start, once its last incarnation's children have ended
spawned_status go_on(supervisor& self);  // with the round
spawned_status has_started(supervisor& self, child& one);
spawned_status has_ended(supervisor& self, child& one, const child_ended& how);
spawned_status is_due(supervisor& self, child& one);
// A child that was added, or is to be there again, by a call: now, or when the round comes to it.
spawned_status start_for_call(supervisor& self, child& one);
// A child that is between two lives and shall have no other.
spawned_status give_up_restart(supervisor& self, child& one);

// calls.cpp
spawned_status on_start_call(spawned_context* context, void* state, void* value);
spawned_status on_child_call(spawned_context* context, void* state, void* value);
spawned_status on_child_info(spawned_context* context, void* state, void* value);
spawned_status on_list(spawned_context* context, void* state, void* value);

// ending.cpp
void begin_ending(supervisor& self);
spawned_status end_on(supervisor& self);  // once it has begun
// At this moment; UINT64_MAX: no later look can be had.
void run_out_of_patience(supervisor& self, uint64_t moment);
// Its behavior's stopped.
spawned_status supervisor_stopped(spawned_context* context, void* state, const spawned_exit* exit);

}  // namespace spawned::engine
