// UniqueNames: names for exchange.yaml out of any text, no two the same.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace fabrix::interchange {

class UniqueNames {
 public:
  // `wanted` with what no name may have replaced by '-', shortened to 32, and a number after it if
  // the name is taken: "Ex Ample (1)" becomes "Ex-Ample-1", then "Ex-Ample-1-2". `otherwise` is a
  // name, for a `wanted` in which nothing can be part of one.
  std::string make(std::string_view wanted, std::string_view otherwise);

 private:
  std::set<std::string> taken_;
  std::map<std::string, std::size_t> last_numbers_;  // by the name without one
};

}  // namespace fabrix::interchange
