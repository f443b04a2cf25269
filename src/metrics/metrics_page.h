// The text of GET /metrics, in Prometheus' exposition format. Values are read at the moment of the
// request.
//
// The page knows no metric by itself: the owner of each adds it, in a function `add_to(page, …)`
// beside the counts.
//
// Threads: render() from any; add() before the first render().
// Borrows: everything that the added functions read; it must outlive the page.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace usher::metrics {

class MetricsPage {
 public:
  static constexpr const char* kContentType = "text/plain; version=0.0.4; charset=utf-8";

  enum class Kind : std::uint8_t { counter, gauge };

  // `read` must be callable from any thread.
  void add(std::string name, std::string help, Kind kind, std::function<double()> read);

  // One of several values under one name, told apart by their labels.
  struct Series {
    std::vector<std::pair<std::string, std::string>> labels;
    std::function<double()> read;
    bool hidden_at_zero = false;  // for labels of which few ever occur
  };
  void add(std::string name, std::string help, Kind kind, std::vector<Series> series);

  std::string render() const;

 private:
  struct Family {
    std::string name;
    std::string help;
    Kind kind;
    std::vector<Series> series;
  };

  std::vector<Family> families_;
};

}  // namespace usher::metrics
