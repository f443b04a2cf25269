// The failure table of the document that the product grew from. Each row has a fault, the lines
// that the client must log, and how the client must end.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace usher::apps {

// The fault that the client meets.
enum class DemoFault {
  none,
  forged_token,
  no_session,
  store_down,
  gateway_down,
  foreign_origin,
  refused_ticket
};

enum class DemoEnd { connected, stopped };

struct DemoRow {
  DemoFault fault;
  std::string_view title;  // as in the document's table
  std::string_view promise;
  // The client's lines from the beginning; `#` stands for any number. In a row that ends connected,
  // the lines between the last of these and the last five depend on chance and are not checked.
  std::vector<std::string_view> lines;
  DemoEnd end;
};

// The success timeline first, then the six rows.
const std::vector<DemoRow>& demo_rows();

// `#` in `expected` stands for one or more digits.
bool line_matches(std::string_view expected, std::string_view actual);

}  // namespace usher::apps
