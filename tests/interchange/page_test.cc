#include "interchange/page.h"

#include <gtest/gtest.h>

namespace fabrix::interchange {
namespace {

const Page kPage{.title = "A <b>",
                 .sections = {{.heading = "One",
                               .paragraphs = {"Some *text* & \"more\"."},
                               .columns = {"Key", "Value"},
                               .rows = {{"a|b", "<1>"}, {"c_d", ""}}},
                              {.heading = "Two", .paragraphs = {}, .columns = {}, .rows = {}}}};

TEST(PageTest, Markdown) {
  EXPECT_EQ(to_markdown(kPage),
            "# A &lt;b&gt;\n\n## One\n\nSome \\*text\\* & \"more\".\n\n| Key | Value |\n"
            "| --- | --- |\n| a\\|b | &lt;1&gt; |\n| c\\_d |  |\n\n## Two\n");
}

TEST(PageTest, Html) {
  const std::string html = to_html(kPage);
  EXPECT_TRUE(html.starts_with("<!DOCTYPE html>"));
  EXPECT_NE(html.find("<h1>A &lt;b&gt;</h1>\n<h2>One</h2>\n"
                      "<p>Some *text* &amp; &quot;more&quot;.</p>\n<table>\n"
                      "<tr><th>Key</th><th>Value</th></tr>\n"
                      "<tr><td>a|b</td><td>&lt;1&gt;</td></tr>\n"),
            std::string::npos)
      << html;
  EXPECT_EQ(html.find("http"), std::string::npos) << "it asks for nothing else";
}

}  // namespace
}  // namespace fabrix::interchange
