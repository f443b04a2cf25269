// Any bytes as the body of a form, or the query of a URL.
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "wire/form.h"
#include "wire/utf8.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace usher;
  constexpr std::size_t kFieldsMax = 4;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto fields = wire::read_form(text, kFieldsMax);
  if (!fields) return 0;
  USHER_CHECK(fields->size() <= kFieldsMax);
  for (const auto& [name, value] : *fields) {
    USHER_CHECK(name.size() + value.size() <= text.size());
    USHER_CHECK(wire::is_valid_utf8(name) && wire::is_valid_utf8(value));
    USHER_CHECK(value.find('\0') == std::string_view::npos);
    if (const auto only = wire::only_field(*fields, name)) USHER_CHECK(*only == value);
  }
  return 0;
}
