// What an operator can ask of the running node over admin.listen: its configuration, and to load it
// again. Implemented in node/.
//
// Threads: any.
#pragma once

#include <string>

#include "base/unique_function.h"

namespace usher::gateway {

class NodeControl {
 public:
  struct Answer {
    bool ok = false;
    std::string text;  // a JSON object; if not ok, sentences that say why nothing was changed
  };

  virtual ~NodeControl() = default;

  // Returns the configuration that is in force, as a JSON object without secrets.
  virtual std::string configuration() const = 0;

  // Reads the configuration and the files that it names, and takes over what has changed. Calls
  // `done` from another thread when that is done, or never if the node ends first. Returns false if
  // too many callers wait already; then `done` is not called.
  virtual bool reload(UniqueFunction<void(const Answer&)> done) = 0;
};

}  // namespace usher::gateway
