// Every sentence of the layer that a compiler may have to say: what is wrong; what to write instead. The
// actor and the message are named by the compiler, which prints the concept beside the sentence. In ASCII:
// clang escapes anything else.
#pragma once

#define SPAWNED_DETAIL_NOT_A_MESSAGE                                                           \
    "spawned: this message cannot be moved into a mailbox; make it a class with a public move" \
    " constructor"

#define SPAWNED_DETAIL_NO_HANDLER                                                            \
    "spawned: the actor does not handle the message; add to it, publicly and once for each " \
    "message: Reply handle(Message, Context&)"

#define SPAWNED_DETAIL_WRONG_REPLY                                                             \
    "spawned: what the actor's handler returns is not the message's Reply; return that type, " \
    "or one that converts to it without narrowing, or a Result, a Task or a Later in its "     \
    "place"

#define SPAWNED_DETAIL_NOT_CONSTRUCTIBLE                                                       \
    "spawned: the actor has no public constructor for these arguments; pass to start what it " \
    "takes"

#define SPAWNED_DETAIL_NOT_COPYABLE                                                          \
    "spawned: an interval sends copies and this message cannot be copied; give it a public " \
    "copy constructor, or send it once with send_after"

#define SPAWNED_DETAIL_NOT_COPYABLE_BROADCAST                                                \
    "spawned: a broadcast sends copies and this message cannot be copied; give it a public " \
    "copy constructor, or send to each of members()"

#define SPAWNED_DETAIL_NOT_COPYABLE_START                                                       \
    "spawned: a child is constructed anew from copies of its start arguments, and one of them " \
    "cannot be copied; pass what can be, as a shared_ptr or std::ref, or make it in the "       \
    "constructor"

#define SPAWNED_DETAIL_NOT_IN_PROTOCOL                                                   \
    "spawned: the reference's protocol has no such message; send one that the protocol " \
    "declares"

#define SPAWNED_DETAIL_RESERVED_METHOD                                                     \
    "spawned: a method of a protocol must not be named like a member of references (pid, " \
    "stop, send, join, ...), which would hide it; name it otherwise"

#define SPAWNED_DETAIL_INCOMPLETE_ACTOR                                                  \
    "spawned: ActorRef<A> needs the complete class A; before its end hold a Ref of its " \
    "protocol, a Recipient of its message, or a Pid"

#define SPAWNED_DETAIL_BROKEN_TEMPORARY                                                    \
    "spawned: g++ 12 breaks a message built with braces in one expression with co_await; " \
    "write emplace_request<Message>(...), or first Response<Reply> response = "            \
    "actor.request(Message{...}), then co_await response"

#define SPAWNED_DETAIL_BROKEN_CLOSURE                                                     \
    "spawned: g++ 12 breaks a closure that owns what it captures in one expression with " \
    "co_await; capture by reference, or first auto closure = [...] {...}, then pass closure"

#define SPAWNED_DETAIL_BROKEN_ITEM                                                             \
    "spawned: g++ 12 breaks a value built with braces in one expression with co_yield; write " \
    "first Item item{...}, then co_yield item"

#define SPAWNED_DETAIL_NOT_DESCRIBED                                                             \
    "spawned: this message does not tell its fields; write its protocol with SPAWNED_PROTOCOL, " \
    "or give it spawned_method and spawned_visit"

#define SPAWNED_DETAIL_NOT_A_SOURCE                                                               \
    "spawned: what a listener asks for items does not yield them; let it return a Result of the " \
    "message: Result<Message> next()"
