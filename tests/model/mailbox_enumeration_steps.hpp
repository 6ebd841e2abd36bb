// The steps of each thread of mailbox_enumeration.hpp.
#pragma once

#include "mailbox_enumeration.hpp"

namespace spawned::model {

inline protocol::protocol(const configuration& config)
    : config_(config), nodes_(config.senders + config.revives) {
    for (int i = 0; i < nodes_; ++i) roles_[thread_count_++] = sender;
    if (config.signals) roles_[thread_count_++] = signaller;
    if (config.replies) roles_[thread_count_++] = replier;
    if (config.revives) roles_[thread_count_++] = starter;
    for (int i = 0; i < workers; ++i) roles_[thread_count_++] = worker;
}

struct protocol::move {
    const protocol& rules;
    const configuration& config;
    state& s;
    thread_state& me;
    int index;
    const char*& violation;

    bool to(uint8_t at, uint8_t node) {
        me = {at, node};
        return true;
    }
    bool to(uint8_t at) { return to(at, me.node); }
    bool end() { return to(finished, 0); }
    bool rest() { return to(begin, 0); }  // a worker looks for something else

    void use(uint8_t node) {
        if (s.freed[node]) violation = "a node is used after it was freed";
    }
    void free(uint8_t node) {
        if (s.freed[node]) violation = "a node is freed twice";
        s.freed[node] = 1;
        s.next[node] = 0;
    }
    void settle(uint8_t node, fate what) {
        if (s.fates[node] != unhandled) violation = "a message is handled twice";
        s.fates[node] = what;
    }
    // To the node behind the one at hand, which is freed.
    bool move_on(uint8_t at) {
        const uint8_t left = me.node;
        to(at, node_of(s.next[left]));
        free(left);
        return true;
    }
    void schedule() { ++s.runnable; }
    bool mutated(mutation fault) const { return rules.mutated(fault); }
    static uint8_t node_of(uint8_t word) { return static_cast<uint8_t>(word - first_node); }
    static uint8_t word_of(uint8_t node) { return static_cast<uint8_t>(node + first_node); }
    uint8_t tenant_of(uint8_t node) const { return node < config.senders ? 1 : 2; }

    bool send() {
        const auto own = static_cast<uint8_t>(index);
        switch (me.at) {
            case begin:
                // The second tenant's pid is known once it lives.
                if (tenant_of(own) == 2 && s.vacated != 2) return false;
                to(link, s.head);
                s.head = word_of(own);
                return true;
            case link:
                if (me.node >= first_node) {
                    use(node_of(me.node));
                    s.next[node_of(me.node)] = word_of(own);
                    return end();
                }
                if (me.node == dead) return to(drain, own);
                if (s.tail != 0) violation = "tail is overwritten";
                s.tail = word_of(own);
                return me.node == idle ? to(announce) : end();
            case announce:
                schedule();
                return end();
            case drain:
                use(me.node);
                if (s.fates[me.node] == unhandled) settle(me.node, bounced);
                if (s.next[me.node] == 0) return to(drain_release);
                return move_on(drain);
            case drain_release:
                use(me.node);
                if (s.head == word_of(me.node)) {
                    s.head = dead;
                    free(me.node);
                    return end();
                }
                return s.next[me.node] != 0 && to(drain);
            default:
                return false;
        }
    }

    // suspension::wake, for the signaller and the replier.
    bool wake() {
        if (me.at == read_pause) return to(swap_pause, s.pause);
        if (s.pause != me.node) return to(swap_pause, s.pause);
        if (me.node == suspended) {
            s.pause = running;
            return to(call_schedule);
        }
        if (!mutated(mutation::no_notified)) s.pause = wake_pending;
        return end();
    }

    bool signal() {
        switch (me.at) {
            case begin:
                if (s.generation != 1 && !mutated(mutation::no_generation)) return end();
                s.control = 1;
                return to(read_head);
            case read_head:
                if (s.head == dead) return end();
                if (s.head == idle) return to(claim);
                return mutated(mutation::no_wake) ? end() : to(read_pause);
            case claim:
                if (s.head != idle) return to(read_head);
                s.head = notified;
                return to(call_schedule);
            case read_pause:
            case swap_pause:
                return wake();
            case call_schedule:
                schedule();
                return end();
            default:
                return false;
        }
    }

    bool answer() {
        switch (me.at) {
            case begin: {
                if (s.reply_freed) violation = "the reply is given into a freed block";
                const uint8_t before = s.reply;
                s.reply = done;
                if (before == given_up) s.reply_freed = 1;
                return before == waited_for ? to(read_pause) : end();
            }
            case read_pause:
            case swap_pause:
                return wake();
            case call_schedule:
                schedule();
                return end();
            default:
                return false;
        }
    }

    bool start() {
        switch (me.at) {
            case begin:
                if (s.vacated != 1) return false;
                if (s.head != dead && !mutated(mutation::careless_revival)) return to(failed);
                s.head = notified;
                if (mutated(mutation::careless_revival)) s.tail = 0;
                return to(move_in);
            case move_in:
                s.generation = 2;
                s.control = 0;
                s.pause = running;
                s.stopped = 0;
                return to(start_schedule);
            case start_schedule:
                schedule();
                s.vacated = 2;
                return end();
            default:
                return false;
        }
    }

    // What the owner does with the node at hand; afterwards it is `advance`, or `await`.
    bool handle_node() {
        const uint8_t node = me.node;
        use(node);
        if (s.stopped || tenant_of(node) != s.generation) {
            settle(node, bounced);
            return to(advance);
        }
        settle(node, handled);
        if (node != 0) return to(advance);
        if (config.stops) s.stopped = 1;
        if (!config.awaits) return to(advance);
        s.front = word_of(node);
        return to(await);
    }

    bool look_at_reply() {
        if (s.reply_freed) violation = "the reply is looked at in a freed block";
        if (s.reply == done || s.stopped) {
            if (s.reply == done)
                s.reply_freed = 1;
            else
                s.reply = given_up;
            s.front = 0;
            return to(advance);
        }
        s.reply = waited_for;
        return to(suspend);
    }

    bool leave_with(uint8_t node, bool is_handled) {
        if (s.tail != 0) violation = "tail is overwritten";
        if (is_handled && !mutated(mutation::unmarked_put_back)) s.marked[node] = 1;
        s.tail = word_of(node);
        return to(leave);
    }

    // The mailbox is given up: to the dead, or to whoever comes next.
    bool released(bool died) {
        --s.owners;
        if (died) return to(vacate, 0);
        return mutated(mutation::no_look_after_release) ? rest() : to(look_again, 0);
    }
    uint8_t destination() const { return s.stopped ? dead : idle; }
    bool may_leave() const { return s.left < config.leaves; }

    bool work(int choice) {
        const uint8_t node = me.node;
        switch (me.at) {
            case begin:
                if (s.runnable == 0) return false;
                --s.runnable;
                if (++s.owners > 1) violation = "two owners";
                return to(look);
            case look:
                if (s.control) {
                    s.control = 0;
                    s.signal_seen = 1;
                    if (config.dies) {
                        if (s.generation != 1) violation = "a signal reaches the next tenant";
                        s.stopped = 1;
                    }
                }
                return s.front != 0 ? to(await, node_of(s.front)) : to(first);
            case first:
                return s.tail != 0 ? to(take_first, node_of(s.tail)) : to(release_empty);
            case take_first:
                s.tail = 0;
                return to(s.marked[node] ? advance : handle);
            case release_empty:
                if (s.head == notified) {
                    s.head = destination();
                    return released(s.stopped);
                }
                if (choice == 1) return may_leave() && (++s.left, to(leave));
                return s.tail != 0 && to(first);
            case handle:
                return handle_node();
            case advance:
                use(node);
                if (mutated(mutation::early_free)) free(node);
                if (s.next[node] == 0) return to(release);
                return move_on(put_back);
            case put_back:
                if (choice == 0) return to(handle);
                return may_leave() && (++s.left, leave_with(node, false));
            case release:
                use(node);
                if (s.head == word_of(node)) {
                    s.head = destination();
                    free(node);
                    return released(s.stopped);
                }
                if (choice == 1) return may_leave() && (++s.left, leave_with(node, true));
                return s.next[node] != 0 && to(advance);
            case leave:
                --s.owners;
                schedule();
                return rest();
            default:
                return work_around(choice);
        }
    }

    // Suspension, and what follows the mailbox's release.
    bool work_around(int choice) {
        if (choice == 1) return false;
        switch (me.at) {
            case await:
                return look_at_reply();
            case suspend:
                if (s.pause != running) return to(unsuspend);
                s.pause = suspended;
                --s.owners;
                return rest();
            case unsuspend:
                s.pause = running;
                return to(look);
            case vacate:
                s.vacated = 1;
                return rest();
            case look_again:
                return s.control ? to(claim_again) : rest();
            case claim_again:
                if (s.head != idle) return rest();
                s.head = notified;
                return to(schedule_again);
            case schedule_again:
                schedule();
                return rest();
            default:
                return false;
        }
    }
};

inline bool protocol::step(state& s, int thread, int choice, const char*& violation) const {
    if (choice == 1 && (roles_[thread] != worker || config_.leaves == 0)) return false;
    move one{*this, config_, s, s.threads[thread], thread, violation};
    switch (roles_[thread]) {
        case sender:
            return one.send();
        case signaller:
            return one.signal();
        case replier:
            return one.answer();
        case starter:
            return one.start();
        case worker:
            return one.work(choice);
    }
    return false;
}

inline const char* protocol::wrong_end(const state& s) const {
    bool moved_in = false;
    for (int i = 0; i < thread_count_; ++i) {
        const uint8_t at = s.threads[i].at;
        if (roles_[i] == starter) moved_in = at == finished;
        const bool waits_for_tenant = i == config_.senders && config_.revives && s.vacated != 2;
        if (roles_[i] == worker ? at != begin : at != finished && at != failed && !waits_for_tenant)
            return "a thread waits for ever";
    }
    if (s.runnable != 0 || s.owners != 0) return "the actor is owned at the end";
    if (s.head != idle && s.head != dead) return "a message or signal waits for ever";
    for (int i = 0; i < nodes_; ++i) {
        const bool was_sent = i < config_.senders || moved_in;
        if (!was_sent) continue;
        if (s.fates[i] == unhandled) return "a message is lost";
        if (!s.freed[i]) return "a node is leaked";
        if (i >= config_.senders && s.fates[i] != handled)
            return "the next tenant's message bounces";
    }
    if (config_.signals && s.head == idle && s.generation == 1 && !s.signal_seen)
        return "a signal is lost";
    if ((config_.dies || config_.stops) && s.head != dead && !moved_in)
        return "the actor outlives its end";
    if (config_.awaits && config_.replies && s.fates[0] == handled && !s.reply_freed)
        return "the reply's block is leaked";
    return nullptr;
}

}  // namespace spawned::model
