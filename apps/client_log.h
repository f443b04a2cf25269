// What `usher connect` says on standard error: the client's lines, and behind those of a failure
// the cause, if it is another than before. A client that tries for hours says it once.
//
// Threads: belongs to the client's thread.
#pragma once

#include <set>
#include <string>
#include <vector>

namespace usher::apps {

class ClientLog {
 public:
  // `verbose`: every cause is printed, and at once.
  explicit ClientLog(bool verbose) : verbose_(verbose) {}

  // A line of the client.
  void line(const std::string& text);

  // The cause of a failure; the lines of the failure follow. Limits: kCausesMax for one failure.
  void cause(const std::string& text);

 private:
  static constexpr std::size_t kCausesMax = 8;

  void tell_causes();
  static void print_cause(const std::string& text);

  const bool verbose_;
  std::vector<std::string> untold_;
  std::set<std::string> told_;  // with the last failure
};

}  // namespace usher::apps
