// words_of(): a text taken apart.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fabrix::interchange {

// What is between any of these octets, without what is empty.
std::vector<std::string> words_of(std::string_view text, std::string_view separators);

}  // namespace fabrix::interchange
