// The callbacks that every public class has, and how an application's code is called: whatever it
// throws is reported, and breaks nothing.
//
// Threads: mute() from any thread, the rest on the owner's strand. It lives as long as a callback
// may run.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <utility>

#include "client/protocol.h"
#include "usher/client.h"

namespace usher::client_net {

class Callbacks {
 public:
  using Log = std::function<void(ClientLogLevel, const std::string&)>;
  using Detail = std::function<void(const std::string&)>;

  // Without a `log` lines go to standard error. `detail` may be empty.
  Callbacks(Log log, Detail detail);

  void log(const client::LogLine& line) const;
  void detail(const std::string& text) const;

  // Reports an exception of the application's code: to `detail`, or as a log line without it.
  void fault(const std::string& text) const noexcept;

  // The owner is being destroyed: no callback begins any more.
  void mute() { muted_ = true; }

  // Calls the application's code.
  template <class Callback>
  void call(Callback&& callback) const noexcept {
    if (muted_) return;
    try {
      callback();
    } catch (const std::exception& error) {
      fault(std::string("a listener threw: ") + error.what());
    } catch (...) {
      fault("a listener threw something that is no std::exception");
    }
  }

 private:
  const Log log_;
  const Detail detail_;
  std::atomic<bool> muted_ = false;
};

ClientFailure to_public(const client::Failed& failed);

}  // namespace usher::client_net
