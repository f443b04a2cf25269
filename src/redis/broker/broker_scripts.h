// What the broker does in Redis, each in one atomic step: the Lua, with keys, arguments and answers
// named here.
//
// A stream's entries have the id `<offset>-<ms>`: found by offset, and old by Redis' own clock. Its
// position lies apart, in a hash with `epoch`, `offset`, the `life` of Redis that the epoch belongs
// to, and the channel's last `owner`. A life ends with a restart or a failover: Redis has another
// run_id then, and may have forgotten what clients have seen, so every stream begins anew. (It has
// a name of its own, because a server that is replaced and comes back has the run_id of before.)
//
// A script writes before it publishes: so a Redis that refuses to write (a replica, no memory)
// refuses the publication too.
//
// Threads: immutable; shared.
#pragma once

#include "redis/link/commands.h"

namespace usher::redis {

struct BrokerScripts {
  BrokerScripts();

  // keys: channel, stream, once, life
  // arguments: run_id, new epoch, position ttl (ms), messages channel, body, once ttl (ms; 0: no
  //   idempotency), history size, history ttl (ms)
  // answer: {offset, epoch}: of the first one, if it has been published before
  Script publish;

  // keys: once. arguments: messages channel, message, once ttl (ms; 0: no idempotency)
  // answer: {0, ''}
  Script publish_live;

  // keys: channel, stream, owner, life
  // arguments: run_id, new epoch, position ttl (ms), history ttl (ms), since epoch, since offset
  //   ('': none), limit (-1: none), reverse (0, 1)
  // answer: {epoch, offset, gap (none, epoch_changed, trimmed), more (0, 1), {id, body, …}, owner}
  Script page;

  // keys: channel, stream, owner, life
  // arguments: run_id, new epoch, position ttl (ms), owner, ttl (ms), nodes' channel ('': tell
  //   nobody), message
  Script bind;

  // keys: present, present_until
  // arguments: messages channel ('': no join and leave), ttl (ms), clients max, client, info
  // answer: 0 too many, 1 was there, 2 is new
  Script enter;
  // keys: the same. arguments: messages channel, ttl (ms), client, info, client, info, …
  Script stay;
  // keys: the same. arguments: messages channel, client, info
  Script leave;
  // keys: the same. arguments: messages channel. answer: infos
  Script presence;

  // keys: nodes, connections of the session and/or user
  // arguments: node, client, shard, node's life (ms), entries' ttl (ms), prefix of nodes' channels,
  //   max for each of the keys
  Script connect;

  // keys: nodes. arguments: node. Every second or so.
  Script stay_alive;
  // keys: nodes. arguments: nodes' channel, message, node's life (ms)
  // answer: {nodes that heard it, nodes that are alive}
  Script order;
};

}  // namespace usher::redis
