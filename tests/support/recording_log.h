// Records log lines in the text format, for tests to check.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "base/log.h"

namespace usher::test {

class RecordingLog final : public Log {
 public:
  void write(LogLevel, std::string_view message, std::span<const LogField> fields) override {
    lines.push_back(format_log_text(message, fields));
  }
  std::size_t count(std::string_view part) const {
    return static_cast<std::size_t>(
        std::count_if(lines.begin(), lines.end(),
                      [&](const auto& line) { return line.find(part) != std::string::npos; }));
  }

  std::vector<std::string> lines;
};

}  // namespace usher::test
