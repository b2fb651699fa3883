// render_table(): an array of flat JSON objects as aligned columns for a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

namespace fabrix::app {

// Columns in the order in which keys first occur; numbers to the right; a column with no values is
// left out; nested values as JSON. Texts of several lines are indented below their row. "none\n"
// for an empty array; an object becomes one "key  value" line each.
std::string render_table(const boost::json::value& value);

// Lines that are wider are broken, where there are spaces.
inline constexpr std::size_t kTerminalWidth = 118;

struct Indent {
  std::size_t first = 0;  // columns before the text, which are there already
  std::size_t next = 0;   // spaces before each further line
};

// The text in lines of kTerminalWidth at most, as far as it has spaces.
std::string wrapped(std::string_view text, Indent indent);

// The text without what would steer the terminal: a neighbour's words, such as why it ended a
// session, may hold anything.
std::string printable(std::string_view text);

}  // namespace fabrix::app
