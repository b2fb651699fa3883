#include "interchange/page.h"

#include <cstddef>
#include <initializer_list>
#include <string_view>

#include <fmt/format.h>

namespace fabrix::interchange {
namespace {

constexpr std::string_view kHtmlHead =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n<title>{0}</title>\n<style>\n"
    "body {{ font-family: sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em; "
    "line-height: 1.4; }}\n"
    "table {{ border-collapse: collapse; }}\n"
    "th, td {{ border: 1px solid #bbb; padding: .3em .6em; text-align: left; "
    "vertical-align: top; overflow-wrap: anywhere; }}\n"
    "th {{ background: #eee; }}\n</style>\n</head>\n<body>\n<h1>{0}</h1>\n";

std::string replaced(std::string_view text, std::string_view what,
                     std::initializer_list<std::string_view> by) {
  std::string result;
  for (const char c : text) {
    const std::size_t at = what.find(c);
    if (at == std::string_view::npos) {
      result += c;
    } else {
      result += *(by.begin() + at);
    }
  }
  return result;
}

// What would end a cell, or begin markup.
std::string markdown(std::string_view text) {
  return replaced(text, "\\|*_<>`[]\n",
                  {"\\\\", "\\|", "\\*", "\\_", "&lt;", "&gt;", "\\`", "\\[", "\\]", " "});
}

std::string html(std::string_view text) {
  return replaced(text, "&<>\"'", {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"});
}

}  // namespace

std::string to_markdown(const Page& page) {
  const auto row = [](const std::vector<std::string>& cells) {
    std::string line = "|";
    for (const std::string& cell : cells) line += fmt::format(" {} |", markdown(cell));
    return line + "\n";
  };
  std::string text = fmt::format("# {}\n", markdown(page.title));
  for (const PageSection& section : page.sections) {
    text += fmt::format("\n## {}\n", markdown(section.heading));
    for (const std::string& one : section.paragraphs) text += "\n" + markdown(one) + "\n";
    if (section.columns.empty()) continue;
    text += "\n" + row(section.columns) + "|";
    for (std::size_t i = 0; i < section.columns.size(); ++i) text += " --- |";
    text += "\n";
    for (const auto& cells : section.rows) text += row(cells);
  }
  return text;
}

std::string to_html(const Page& page) {
  const auto row = [](const std::vector<std::string>& cells, std::string_view tag) {
    std::string line = "<tr>";
    for (const std::string& cell : cells) line += fmt::format("<{0}>{1}</{0}>", tag, html(cell));
    return line + "</tr>\n";
  };
  std::string text = fmt::format(kHtmlHead, html(page.title));
  for (const PageSection& section : page.sections) {
    text += fmt::format("<h2>{}</h2>\n", html(section.heading));
    for (const std::string& one : section.paragraphs) text += "<p>" + html(one) + "</p>\n";
    if (section.columns.empty()) continue;
    text += "<table>\n" + row(section.columns, "th");
    for (const auto& cells : section.rows) text += row(cells, "td");
    text += "</table>\n";
  }
  return text + "</body>\n</html>\n";
}

}  // namespace fabrix::interchange
