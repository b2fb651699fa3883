#include "interchange/yaml_text.h"

#include <gtest/gtest.h>

#include "exchange/yaml.h"

namespace fabrix::interchange {
namespace {

TEST(YamlTextTest, QuotedTextIsReadBackAsItWas) {
  for (const std::string text :
       {"plain", "RIPE::AS-X", R"(a "b" \ c)", "tab\tnl\n", "\xc3\xb6", ""}) {
    const auto node = exchange::parse_yaml("a: " + in_quotes(text) + "\n", "x");
    ASSERT_TRUE(node) << text;
    EXPECT_EQ(node->find("a")->scalar, text);
  }
}

TEST(YamlTextTest, ACommentIsOneLineWhateverIsInIt) {
  EXPECT_EQ(comment("a\nb: c\r"), "# a b: c \n");
}

TEST(YamlTextTest, SettingsNestByTheirKeys) {
  EXPECT_EQ(flow_map(std::vector<exchange::Setting>{{"max_prefix.ipv4", "5"},
                                                    {"rpki", "off"},
                                                    {"max_prefix.ipv6", "6"},
                                                    {"blackhole.prefix_length.ipv4", "25..32"},
                                                    {"rpki", "mark"}}),
            "{max_prefix: {ipv4: 5, ipv6: 6}, rpki: mark, "
            "blackhole: {prefix_length: {ipv4: 25..32}}}");
  EXPECT_EQ(flow_map({}), "{}");
}

TEST(YamlTextTest, Lists) {
  EXPECT_EQ(flow_list(std::vector<std::string>{"a", "b"}), "[a, b]");
}

}  // namespace
}  // namespace fabrix::interchange
