// Tells whether this node can do its work, and if not, why: for /readyz, and once in the log at
// each change.
//
// Each part of the node that can fail to be ready adds a source, in SharedParts. Nothing else needs
// to know the part.
//
// Threads: add() before the other calls; reasons() from any thread; tick() from one thread.
// Borrows: the log.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/log.h"

namespace usher::node {

class Readiness {
 public:
  using Reasons = std::vector<std::string>;  // in words, without a secret; empty: ready
  using Source = std::function<Reasons()>;   // called from any thread

  explicit Readiness(Log& log) : log_(log) {}

  void add(Source source) { sources_.push_back(std::move(source)); }

  Reasons reasons() const {
    Reasons all;
    for (const Source& source : sources_) {
      for (std::string& reason : source()) all.push_back(std::move(reason));
    }
    return all;
  }

  // About once a second.
  void tick() {
    Reasons now = reasons();
    if (now == said_) return;
    if (now.empty()) {
      log_.info("ready", {});
    } else {
      std::string text;
      for (const std::string& reason : now) text.append(text.empty() ? "" : "; ").append(reason);
      log_.error("not_ready", {LogField::whole("reasons", text)});
    }
    said_ = std::move(now);
  }

 private:
  Log& log_;
  std::vector<Source> sources_;
  Reasons said_;
};

}  // namespace usher::node
