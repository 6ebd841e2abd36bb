// Who is in a group and who is told of it. Both are watches: see src/README.md.
#include "registry/group.hpp"

#include "actor/block.hpp"
#include "actor/watch.hpp"
#include "base/pause.hpp"
#include "registry/group_change.hpp"
#include "registry/group_table.hpp"

namespace spawned::engine {

namespace {

void drop_membership(core& home, watch& one);
void drop_subscription(core& home, watch& one);

// Never fired: a group does not end before its watches.
const watch_kind membership = {nullptr, drop_membership};
const watch_kind subscription = {.fire = nullptr, .drop = drop_subscription, .is_event = true};

// A membership's: 0: it is not in, not yet or no more. Guard: the group's lock.
uint64_t& joins_of(watch& one) { return one.number; }
// A subscription's: whether it is told of changes. Guard: the group's lock.
int32_t& told_mark(watch& one) { return change_in(*one.sent).kind; }

// What a dropped watch has in their place, until it is out of its lists.
constexpr uint64_t no_joins_any_more = UINT64_MAX;
constexpr int32_t never_told_again = -1;

bool is_in(watch& one) { return joins_of(one) != 0 && joins_of(one) != no_joins_any_more; }
bool is_told(watch& one) { return told_mark(one) > 0; }
bool is_waiting_to_count(watch& one) {
    return one.kind == &membership ? joins_of(one) == 0 : told_mark(one) == 0;
}

// A subscription's watch stands in the second of the group's lists.
group& group_of_subscription(const watch& one) { return *reinterpret_cast<group*>(one.source_id); }

void reserve(watch& one, message& blank) {
    blank.next.store_relaxed(one.spare);
    one.spare = &blank;
}

// Into the group's line, from the subscription's reserve. The caller holds the group's lock.
void tell(group& g, watch& one, spawned_pid pid, int32_t kind, uint32_t members) {
    message& m = *one.spare;
    one.spare = m.next.load_relaxed();
    m.next.store_relaxed(nullptr);
    write_change(m, *one.sent, pid, kind, members);
    if (g.first_in_line == nullptr)
        g.first_in_line = &m;
    else
        g.last_in_line->next.store_relaxed(&m);
    g.last_in_line = &m;
}

// Tells all subscriptions; more: what a join brings, two for each. The caller holds the group's lock.
void tell_all(group& g, spawned_pid pid, int32_t kind, blank_changes* more) {
    lock_guard guard(g.subscriptions.lock);
    list<watch, of_source>& all = g.subscriptions.entries;
    for (watch* one = all.front(); one != nullptr; one = all.next(one)) {
        if (!is_told(*one)) continue;
        for (int i = 0; more != nullptr && i < 2; ++i) reserve(*one, *more->take());
        tell(g, *one, pid, kind, g.member_count);
    }
}

// The caller holds the group's lock.
void take_out(group& g, watch& one) {
    joins_of(one) = 0;
    --g.member_count;
    tell_all(g, one.watcher_pid, SPAWNED_GROUP_LEFT, nullptr);
}

// Delivers what stands in line, unless another thread does.
void deliver_line(core& home, group& g) {
    thread* self = current_thread(home);
    if (self == nullptr) return;
    for (;;) {
        message* next;
        {
            lock_guard guard(g.lock);
            if (g.telling || g.first_in_line == nullptr) return;
            g.telling = true;
            next = g.first_in_line;
            g.first_in_line = g.last_in_line = nullptr;
        }
        while (message* m = next) {
            next = m->next.load_relaxed();
            m->next.store_relaxed(nullptr);
            deliver_reserved(*self, home, *m);
        }
        lock_guard guard(g.lock);
        g.telling = false;
    }
}

void drop_membership(core& home, watch& one) {
    group& g = group_of_members(one);
    {
        lock_guard guard(g.lock);
        if (is_in(one)) take_out(g, one);
        joins_of(one) = no_joins_any_more;
    }
    deliver_line(home, g);
    release_watch(home, one);
    let_go(g);
}

void drop_subscription(core& home, watch& one) {
    group& g = group_of_subscription(one);
    message* spare;
    {
        lock_guard guard(g.lock);
        if (is_told(one)) --g.subscription_count;
        told_mark(one) = never_told_again;
        spare = one.spare;
        one.spare = nullptr;
    }
    while (message* m = spare) {
        spare = m->next.load_relaxed();
        free_message(home, *m);
    }
    message& model = *one.sent;
    release_watch(home, one);
    free_message(home, model);
    let_go(g);
}

// What an actor has to do with a group: of its watches, whether the one that is looked for still waits to count,
// and its membership that counts.
struct standing {
    bool stands;
    watch* counted;
};

// The caller holds the lock of the actor's list, the group's and that of theirs, one of the group's two lists: what is
// looked for stands in both, and who walks them in step is done at the end of the shorter one. An actor may be in
// many groups, and a group may have many members.
standing look_up(const watcher_list& mine, const source_list& theirs, const group& g,
                 spawned_pid pid, uint64_t id) {
    standing found = {false, nullptr};
    const auto consider = [&](watch& one) {
        if (one.source_id != id_of(g) || one.watcher_pid != pid) return;
        if (watch_id(*g.home, one) == id) found.stands = is_waiting_to_count(one);
        if (one.kind == &membership && is_in(one)) found.counted = &one;
    };
    watch* own = mine.entries.front();
    watch* other = theirs.entries.front();
    while (own != nullptr && other != nullptr) {
        consider(*own);
        consider(*other);
        own = mine.entries.next(own);
        other = theirs.entries.next(other);
    }
    return found;
}

// What an actor is about to be in a group, or to have of it.
struct relation {
    thread& self;
    core& home;
    actor& a;
    spawned_pid pid;
    group* g;
    watch* one;
    uint64_t id;

    watcher_list& list() const { return a.aux.load_acquire()->watching; }
};

enum class completion : uint8_t { done, needless, over, wants_more };

// The watch stands in both lists, and means nothing yet. Unless OK there is nothing.
spawned_status begin_relation(relation& r, const char* name, size_t length,
                              source_list& (*list_in)(group& g)) {
    for (;;) {
        const spawned_status found = find_or_make_group(r.home, name, length, &r.g);
        if (found != SPAWNED_OK) return found;
        refer_to(*r.g);  // the watch's
        switch (watch_source(r.home, *r.one, list_in(*r.g), id_of(*r.g), is_open, r.pid)) {
            case arming::armed:
                return SPAWNED_OK;
            case arming::source_over:  // its name will be free in a moment
                let_go(*r.g);
                let_go(*r.g);
                thread_yield();
                continue;
            case arming::watcher_over:
                let_go(*r.g);
                let_go(*r.g);
                return SPAWNED_ESTOPPED;
            case arming::no_memory:
                let_go(*r.g);
                let_go(*r.g);
                return SPAWNED_ENOMEM;
        }
    }
}

// Repeats act, which is given blanks, until they are enough; then tells, and ends what came to nothing.
template <class Act>
spawned_status complete_relation(relation& r, Act act) {
    blank_changes blanks(r.home);
    uint64_t wanted = 0;
    completion got = completion::wants_more;
    while (got == completion::wants_more && blanks.fill_up(r.self, wanted))
        got = act(blanks, &wanted);
    if (got == completion::needless || got == completion::wants_more)
        (void)cancel_watch(r.home, r.id);
    else
        deliver_line(r.home, *r.g);
    let_go(*r.g);
    if (got == completion::wants_more) return SPAWNED_ENOMEM;
    return got == completion::over ? SPAWNED_ESTOPPED : SPAWNED_OK;
}

completion complete_join(relation& r, blank_changes& blanks, uint64_t* wanted) {
    watcher_list& mine = r.list();
    lock_guard outer(mine.lock);
    lock_guard guard(r.g->lock);
    const standing found = look_up(mine, *r.g, *r.g, r.pid, r.id);
    if (!found.stands) return completion::over;
    if (found.counted != nullptr) {
        ++joins_of(*found.counted);
        return completion::needless;
    }
    *wanted = uint64_t{2} * r.g->subscription_count;
    if (blanks.count() < *wanted) return completion::wants_more;
    joins_of(*r.one) = 1;
    ++r.g->member_count;
    tell_all(*r.g, r.pid, SPAWNED_GROUP_JOINED, &blanks);
    return completion::done;
}

completion complete_subscription(relation& r, blank_changes& blanks, uint64_t* wanted) {
    watcher_list& mine = r.list();
    lock_guard outer(mine.lock);
    lock_guard guard(r.g->lock);
    lock_guard inner(r.g->subscriptions.lock);
    if (!look_up(mine, r.g->subscriptions, *r.g, r.pid, r.id).stands) return completion::over;
    *wanted = uint64_t{2} * r.g->member_count;
    if (blanks.count() < *wanted) return completion::wants_more;
    while (message* m = blanks.take()) reserve(*r.one, *m);
    told_mark(*r.one) = SPAWNED_GROUP_JOINED;
    ++r.g->subscription_count;
    uint32_t members = 0;
    list<watch, of_source>& all = r.g->entries;
    for (watch* one = all.front(); one != nullptr; one = all.next(one))
        if (is_in(*one)) tell(*r.g, *r.one, one->watcher_pid, SPAWNED_GROUP_JOINED, ++members);
    return completion::done;
}

source_list& members_of(group& g) { return g; }
source_list& subscriptions_of(group& g) { return g.subscriptions; }

}  // namespace

spawned_status join_group(core& home, const char* name, size_t length, spawned_pid pid) {
    thread* self = current_thread(home);
    if (self == nullptr) return SPAWNED_ENOMEM;
    actor* a = actor_of(home, pid);
    if (a == nullptr) return why_absent(pid);
    watch* one = new_watch(home, membership);
    if (one == nullptr) return SPAWNED_ENOMEM;
    joins_of(*one) = 0;
    relation r = {*self, home, *a, pid, nullptr, one, watch_id(home, *one)};
    const spawned_status status = begin_relation(r, name, length, members_of);
    if (status != SPAWNED_OK) {
        release_watch(home, *one);
        return status;
    }
    return complete_relation(r, [&r](blank_changes& blanks, uint64_t* wanted) {
        return complete_join(r, blanks, wanted);
    });
}

spawned_status leave_group(core& home, const char* name, size_t length, spawned_pid pid) {
    if (current_thread(home) == nullptr) return SPAWNED_ENOMEM;
    group* g;
    const spawned_status found = find_group(home, name, length, &g);
    if (found == SPAWNED_EINVAL) return found;
    actor* a = actor_of(home, pid);
    spawned_status status = a != nullptr ? SPAWNED_ENOENT : why_absent(pid);
    if (found != SPAWNED_OK) return status;
    auxiliary* aux = a != nullptr ? a->aux.load_acquire() : nullptr;
    uint64_t over = 0;
    if (aux != nullptr) {
        lock_guard outer(aux->watching.lock);
        lock_guard guard(g->lock);
        watch* const one = look_up(aux->watching, *g, *g, pid, 0).counted;
        if (one != nullptr) {
            status = SPAWNED_OK;
            if (joins_of(*one) > 1) {
                --joins_of(*one);
            } else {
                take_out(*g, *one);
                over = watch_id(home, *one);
            }
        }
    }
    if (over != 0) {
        deliver_line(home, *g);
        (void)cancel_watch(home, over);
    }
    let_go(*g);
    return status;
}

spawned_status list_members(core& home, const char* name, size_t length, spawned_pid* pids,
                            size_t capacity, size_t* out_count) {
    *out_count = 0;
    group* g;
    const spawned_status found = find_group(home, name, length, &g);
    if (found != SPAWNED_OK) return found == SPAWNED_ENOENT ? SPAWNED_OK : found;
    {
        lock_guard guard(g->lock);
        *out_count = g->member_count;
        size_t written = 0;
        watch* one = g->entries.front();
        for (; one != nullptr && written < capacity; one = g->entries.next(one))
            if (is_in(*one)) pids[written++] = one->watcher_pid;
    }
    let_go(*g);
    return SPAWNED_OK;
}

spawned_status subscribe_group(core& home, const char* name, size_t length, spawned_pid subscriber,
                               const spawned_message_type* type, uint64_t tag,
                               uint64_t* out_event) {
    thread* self = current_thread(home);
    if (self == nullptr) return SPAWNED_ENOMEM;
    actor* a = actor_of(home, subscriber);
    if (a == nullptr) return why_absent(subscriber);
    watch* one = new_watch(home, subscription);
    if (one == nullptr) return SPAWNED_ENOMEM;
    const uint64_t id = watch_id(home, *one);
    one->spare = nullptr;
    one->sent = new_change_model(*self, home, subscriber, type, id, tag);
    relation r = {*self, home, *a, subscriber, nullptr, one, id};
    spawned_status status = SPAWNED_ENOMEM;
    if (one->sent != nullptr) status = begin_relation(r, name, length, subscriptions_of);
    if (status != SPAWNED_OK) {
        if (one->sent != nullptr) free_message(home, *one->sent);
        release_watch(home, *one);
        return status;
    }
    status = complete_relation(r, [&r](blank_changes& blanks, uint64_t* wanted) {
        return complete_subscription(r, blanks, wanted);
    });
    if (status == SPAWNED_OK && out_event != nullptr) *out_event = id;
    return status;
}

}  // namespace spawned::engine
