// Page: a document of headings, paragraphs and tables, and its two renderings. Pure.
#pragma once

#include <string>
#include <vector>

namespace fabrix::interchange {

struct PageSection {
  std::string heading;
  std::vector<std::string> paragraphs;
  std::vector<std::string> columns;            // none: no table
  std::vector<std::vector<std::string>> rows;  // each with as many cells as columns
};

struct Page {
  std::string title;
  std::vector<PageSection> sections;
};

std::string to_markdown(const Page& page);
std::string to_html(const Page& page);  // complete, with its style; asks for nothing else

}  // namespace fabrix::interchange
