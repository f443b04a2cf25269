// The broker's scripts, with their keys, arguments and answers. Each is one atomic step in Redis.
//
// The entries of a stream have the id `<offset>-<ms>`: they are found by offset, and their age is
// measured by Redis' own clock. The stream's position is kept apart from it, in a hash with
// `epoch`, `offset`, the `life` of Redis that the epoch belongs to, the last `version` with its
// `version_epoch`, and the channel's last `owner`.
// A life ends with a restart or a failover: then Redis has another run_id, and may have forgotten
// publications that clients have seen. So every stream begins anew. (A life has a name of its own,
// because a server that was replaced and comes back has its former run_id.)
//
// A script writes before it publishes. So a Redis that refuses to write (a replica, no memory)
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
  //   idempotency), history size, history ttl (ms), version (0: none), version epoch
  // answer: {offset, epoch}; if the key is known, those of the first publication; if the version is
  //   not newer, the stream's position
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
  // arguments: run_id, new epoch, position ttl (ms), owner, ttl (ms), nodes' channel ('': publish
  //   nothing), message
  Script bind;

  // keys: present, present_until
  // arguments: messages channel ('': no join and leave), ttl (ms), clients max, client, info
  // answer: 0 too many, 1 was there, 2 is new
  Script add_presence;
  // keys: the same. arguments: messages channel, ttl (ms), client, info, client, info, …
  Script refresh_presence;
  // keys: the same. arguments: messages channel, client, info
  Script remove_presence;
  // keys: the same. arguments: messages channel. answer: infos
  Script presence;

  // keys: nodes, connections of the session and/or user
  // arguments: node, client, shard, node's life (ms), entries' ttl (ms), prefix of nodes' channels,
  //   max for each of the keys
  Script connect;

  // keys: nodes, write_check. arguments: node. Called about once a second.
  Script stay_alive;
  // keys: nodes, orders
  // arguments: nodes' channel, node's life (ms), the number of messages that the stream of orders
  //   has already, the most that the stream may cost, message, …
  // answer: {nodes that heard the last message, nodes that are alive, messages that the stream has}
  Script order;
  // keys: nodes. arguments: nodes' channel, how long ago a node was alive at least (ms), message
  // answer: {nodes that heard the message, {nodes that were alive since then}}
  Script ask;
};

}  // namespace usher::redis
