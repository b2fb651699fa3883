// For the tests of imports: what was written, loaded again.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "exchange/load.h"
#include "interchange/draft.h"

namespace fabrix::interchange {

inline exchange::Exchange loaded(const std::string& yaml) {
  auto exchange = exchange::load(yaml, "exchange.yaml");
  EXPECT_TRUE(exchange) << render(exchange.error(), yaml) << yaml;
  return exchange ? *std::move(exchange) : exchange::Exchange{};
}

inline exchange::Exchange loaded(const Result<Imported, Remarks>& imported) {
  if (imported) return loaded(imported->yaml);
  for (const Remark& one : imported.error()) ADD_FAILURE() << to_string(one);
  return {};
}

inline std::string all_of(const Remarks& remarks) {
  std::string text;
  for (const Remark& one : remarks) text += to_string(one) + "\n";
  return text;
}

inline bool mentions(const Remarks& remarks, std::string_view what) {
  return all_of(remarks).find(what) != std::string::npos;
}

}  // namespace fabrix::interchange
