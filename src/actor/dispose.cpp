// Where messages end: handled, dropped, or pushed onto a queue where nobody lives any more.
#include "actor/activation.hpp"
#include "actor/block.hpp"
#include "actor/reply.hpp"
#include "actor/room.hpp"
#include "actor/send.hpp"
#include "platform/cpu.hpp"

namespace spawned::engine {

namespace {

struct cause {
    spawned_status answer;  // to a requester
    const char* words;
    single_writer<uint64_t> counters::*counter;
};

cause cause_of(death why) {
    switch (why) {
        case death::stopped:
            return {SPAWNED_ESTOPPED, "the actor has ended", &counters::dead_stopped};
        case death::overflow:
            return {SPAWNED_EFULL, "the mailbox is full", &counters::dead_overflow};
        case death::no_handler:
            return {SPAWNED_ENOHANDLER, "no handler", &counters::dead_no_handler};
        case death::mismatch:
            return {SPAWNED_ETYPE, "a type of this name and another shape",
                    &counters::dead_no_handler};
        case death::expired:
            return {SPAWNED_ETIMEDOUT, "its deadline has passed", &counters::dead_expired};
        case death::cancelled:
            return {SPAWNED_ESTOPPED, "it was cancelled", &counters::dead_cancelled};
    }
    SPAWNED_UNREACHABLE();
}

// The first ten are told one by one, then one for all at each doubling of their number.
void log_dead_letter(core& home, const message& m, const char* words) {
    const uint64_t number = home.dead_letters_logged.fetch_add_relaxed(1) + 1;
    const bool doubled = (number & (number - 1)) == 0;
    if (number > 10 && !doubled) return;
    const actor* to = actor_of(home, m.target);
    const char* name = to != nullptr ? to->kind->table.name : nullptr;
    if (number <= 10)
        log_about(home, SPAWNED_LOG_INFO, m.target, name, m.type->name, 0, "dead letter: %s",
                  words);
    else
        log_about(home, SPAWNED_LOG_INFO, m.target, name, m.type->name, 0,
                  "dead letters: %llu so far; this one: %s",
                  static_cast<unsigned long long>(number), words);
}

}  // namespace

void drop_reserved(core& home, message& m) {
    if (!m.has(message_reserved)) return;
    m.unset(message_reserved);
    free_reply(home, m, false);
}

void dead_letter(thread& self, core& home, message& m, death why, const text* failure) {
    const cause c = cause_of(why);
    (self.counts.*(c.counter)).add(1);
    if (why != death::cancelled && home.log.level >= SPAWNED_LOG_INFO)
        log_dead_letter(home, m, c.words);
    destroy_value(m);
    m.set(message_finished);
    if (!m.has(message_asked) || m.has(message_answered)) return;
    m.set(message_answered);
    drop_reserved(home, m);
    text* words = failure != nullptr ? new_text(home, failure->bytes, failure->length) : nullptr;
    resolve_with(home, m, c.answer, words, holds::the_message);
}

void dispose(thread& self, core& home, message& m) {
    if (m.has(message_forwarded)) {
        m.unset(message_forwarded);
        forward_on(self, home, m);
        return;
    }
    if (m.kind == message_kind::tick) {
        destroy_value(m);
        end_tick(self, reinterpret_cast<tick&>(m));
        return;
    }
    destroy_value(m);
    if (!m.has(message_asked)) {
        free_message(home, m);
    } else if (m.has(message_answered)) {
        leave(home, m);
    } else {
        m.set(message_answered);
        drop_reserved(home, m);
        resolve_with(home, m, m.type->reply == nullptr ? SPAWNED_OK : SPAWNED_ENOREPLY, nullptr,
                     holds::nothing_more);
    }
}

void uncount_counted(thread& self, core& home, actor& a, message& m) {
    if (!give_back_place(a, m)) return;
    // Who waits for room in an actor that ends is refused by its end, not let in.
    const bool ends = (a.gate.load_acquire() & gate_closed) != 0;
    if (!ends && (a.control.bits() & control_room) != 0) give_room(self, home, a);
}

void drain_dead(thread& self, core& home, actor& a, message& pushed_node) {
    using box = mailbox<hardware, message>;
    message* front = &pushed_node;
    for (;;) {
        if (!front->has(message_finished)) {
            uncount(self, home, a, *front);
            dead_letter(self, home, *front, death::stopped);
        }
        message* next = box::next(front);
        if (next == nullptr) {
            if (a.queue.release(front, box::dead)) {
                dispose(self, home, *front);
                return;
            }
            while ((next = box::next(front)) == nullptr) cpu_pause();
        }
        dispose(self, home, *front);
        front = next;
    }
}

void deliver(thread& self, core& home, actor& a, message& m) {
    self.counts.sent.add(1);
    switch (a.queue.push(&m)) {
        case pushed::linked:
            return;
        case pushed::owned:
            schedule(self, a);
            return;
        case pushed::dead:
            drain_dead(self, home, a, m);
            return;
    }
}

}  // namespace spawned::engine
