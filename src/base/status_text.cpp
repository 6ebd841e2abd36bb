#include "base/status_text.hpp"

namespace spawned::engine {

namespace {

struct line {
    spawned_status status;
    const char* name;
    const char* words;
};

constexpr line lines[] = {
    {SPAWNED_OK, "SPAWNED_OK", "success"},
    {SPAWNED_EINVAL, "SPAWNED_EINVAL", "invalid argument"},
    {SPAWNED_ENOMEM, "SPAWNED_ENOMEM", "out of memory"},
    {SPAWNED_ESTOPPED, "SPAWNED_ESTOPPED", "actor stopped"},
    {SPAWNED_ESTOPPING, "SPAWNED_ESTOPPING", "stopping: nothing new is taken"},
    {SPAWNED_ETIMEDOUT, "SPAWNED_ETIMEDOUT", "request to actor timed out"},
    {SPAWNED_EFULL, "SPAWNED_EFULL", "mailbox full"},
    {SPAWNED_EEXIST, "SPAWNED_EEXIST", "name already registered"},
    {SPAWNED_ENOENT, "SPAWNED_ENOENT", "not found"},
    {SPAWNED_ENOREPLY, "SPAWNED_ENOREPLY", "handled without a reply"},
    {SPAWNED_ENOHANDLER, "SPAWNED_ENOHANDLER", "no handler for this message"},
    {SPAWNED_ETYPE, "SPAWNED_ETYPE", "type mismatch"},
    {SPAWNED_ECONTEXT, "SPAWNED_ECONTEXT", "context used outside its handler"},
    {SPAWNED_EDEADLK, "SPAWNED_EDEADLK", "waiting would never end"},
    {SPAWNED_EALREADY, "SPAWNED_EALREADY", "already done"},
    {SPAWNED_EAGAIN, "SPAWNED_EAGAIN", "not ready"},
    {SPAWNED_ETOOBIG, "SPAWNED_ETOOBIG", "too large"},
    {SPAWNED_ELIMIT, "SPAWNED_ELIMIT", "limit reached"},
    {SPAWNED_EPERM, "SPAWNED_EPERM", "not permitted"},
    {SPAWNED_EFORKED, "SPAWNED_EFORKED", "runtime of the parent process"},
    {SPAWNED_ESYSTEM, "SPAWNED_ESYSTEM", "the operating system refused"},
    {SPAWNED_EUNSUPPORTED, "SPAWNED_EUNSUPPORTED", "not supported"},
    {SPAWNED_EFAILED, "SPAWNED_EFAILED", "callback failed"},
    {SPAWNED_EVERSION, "SPAWNED_EVERSION", "libuv does not fit its headers"},
    {SPAWNED_EBUSY, "SPAWNED_EBUSY", "busy, try later"},
};

const line* find(spawned_status status) {
    for (const line& one : lines)
        if (one.status == status) return &one;
    return nullptr;
}

}  // namespace

const char* status_name(spawned_status status) {
    const line* found = find(status);
    return found != nullptr ? found->name : status > 0 ? "application" : "unknown";
}

const char* status_words(spawned_status status) {
    const line* found = find(status);
    return found != nullptr ? found->words : status > 0 ? "application error" : "unknown status";
}

}  // namespace spawned::engine
