// Configurations whose fabric and ports say something of their own, for tests.
#pragma once

#include <string>
#include <string_view>

#include "tests/exchange/mistakes.h"

namespace fabrix::exchange {

// kGood with a section `fabric`, the route server's key and those of a1 and b1.
inline std::string with_fabric(const std::string& fabric, const std::string& server = "",
                               const std::string& a1 = "", const std::string& b1 = "") {
  std::string text(kGood);
  const auto put = [&](std::string_view before, const std::string& more) {
    text.insert(text.find(before), more);
  };
  put("}\n  - name: C", b1);
  put("}\n  - name: B", a1);
  put("}\nparticipants", server);
  if (!fabric.empty()) put("  asn: 65000\n", "  fabric: " + fabric + "\n");
  return text;
}

}  // namespace fabrix::exchange
