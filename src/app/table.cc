#include "app/table.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

namespace fabrix::app {
namespace {

namespace json = boost::json;

std::string cell(const json::value* value) {
  if (value == nullptr || value->is_null()) return "";
  if (value->is_string()) return printable(value->get_string());
  if (value->is_bool()) return value->get_bool() ? "yes" : "no";
  return json::serialize(*value);
}

struct Column {
  std::string name;
  std::size_t width = 0;
  bool empty = true;
  bool numeric = true;
};

bool is_multiline(const std::string& text) {
  return text.find('\n') != std::string::npos;
}

void measure(std::string_view key, const json::value& value, std::vector<Column>& columns) {
  auto found = std::ranges::find(columns, key, &Column::name);
  if (found == columns.end()) {
    columns.push_back({.name = std::string(key), .width = key.size()});
    found = std::prev(columns.end());
  }
  const std::string text = cell(&value);
  if (text.empty() || is_multiline(text)) return;
  found->empty = false;
  found->width = std::max(found->width, text.size());
  if (!value.is_number()) found->numeric = false;
}

std::vector<Column> columns_of(const json::array& rows) {
  std::vector<Column> columns;
  for (const json::value& row : rows) {
    for (const auto& field : row.get_object()) measure(field.key(), field.value(), columns);
  }
  std::erase_if(columns, [](const Column& column) { return column.empty; });
  return columns;
}

std::string trimmed(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

std::string indented(const std::string& text) {
  std::string out = "    ";
  for (const char c : text.substr(0, text.find_last_not_of('\n') + 1)) {
    out += c;
    if (c == '\n') out += "    ";
  }
  return trimmed(out);
}

std::string render_row(const json::object& row, const std::vector<Column>& columns) {
  std::string line;
  std::string below;
  for (const Column& column : columns) {
    const std::string text = cell(row.if_contains(column.name));
    line += column.numeric ? fmt::format("{:>{}}  ", text, column.width)
                           : fmt::format("{:<{}}  ", is_multiline(text) ? "" : text, column.width);
  }
  for (const auto& [key, value] : row) {
    if (const std::string text = cell(&value); is_multiline(text)) below += indented(text);
  }
  return trimmed(line) + below;
}

std::string render_object(const json::object& object) {
  std::size_t width = 0;
  for (const auto& [key, value] : object) width = std::max(width, key.size());
  std::string text;
  for (const auto& [key, value] : object) {
    text += fmt::format("{:<{}}  {}\n", std::string_view(key), width, cell(&value));
  }
  return text;
}

}  // namespace

std::string wrapped(std::string_view text, Indent indent) {
  std::string out;
  std::size_t column = indent.first;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    const std::string_view word = text.substr(begin, end - begin);
    const bool is_first = out.empty();
    if (!is_first && column + 1 + word.size() > kTerminalWidth) {
      out += "\n" + std::string(indent.next, ' ');
      column = indent.next;
    } else if (!is_first) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
    begin = end + 1;
  }
  return out;
}

std::string printable(std::string_view text) {
  std::string out(text);
  const auto steers = [](char c) {
    const auto octet = static_cast<unsigned char>(c);
    return (octet < 0x20 && c != '\n' && c != '\t') || octet == 0x7f;
  };
  std::ranges::replace_if(out, steers, '?');
  return out;
}

std::string render_table(const json::value& value) {
  if (value.is_object()) return render_object(value.get_object());
  if (!value.is_array()) return cell(&value) + "\n";
  const json::array& rows = value.get_array();
  if (rows.empty()) return "none\n";
  const bool tabular =
      std::ranges::all_of(rows, [](const json::value& row) { return row.is_object(); });
  if (!tabular) return json::serialize(value) + "\n";
  const auto columns = columns_of(rows);
  std::string text;
  for (const Column& column : columns) {
    text += column.numeric ? fmt::format("{:>{}}  ", column.name, column.width)
                           : fmt::format("{:<{}}  ", column.name, column.width);
  }
  text = trimmed(text);
  for (const json::value& row : rows) text += render_row(row.get_object(), columns);
  return text;
}

}  // namespace fabrix::app
