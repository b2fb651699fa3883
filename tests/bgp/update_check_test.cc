#include "bgp/update_check.h"

#include <gtest/gtest.h>

#include "bgp/message_header.h"
#include "tests/bgp/octets.h"

namespace fabrix::bgp {
namespace {

Bytes message(const Bytes& body) {
  return encode_message(MessageType::kUpdate, body);
}

UpdateMessage one_route() {
  return *decode_update(update_body({}, mandatory(), nlri()), {});
}

bool says(const Bytes& messages, const UpdateMessage& wanted) {
  return says_exactly(messages, wanted, AsnWidth::kFourOctets);
}

TEST(UpdateCheckTest, AcceptsWhatSaysTheSame) {
  EXPECT_TRUE(says(message(update_body({}, mandatory(), nlri())), one_route()));
  EXPECT_TRUE(says({}, UpdateMessage{}));
}

TEST(UpdateCheckTest, OneUpdateMayBeSaidInSeveral) {
  UpdateMessage two = one_route();
  two.announced[0].prefixes.push_back(prefix("10.0.0.0/8"));
  EXPECT_TRUE(says(join({message(update_body({}, mandatory(), nlri())),
                         message(update_body({}, mandatory(), bytes({8, 10})))}),
                   two));
}

TEST(UpdateCheckTest, RefusesWhatDiffersOrIsFlawed) {
  const struct {
    const char* what;
    Bytes messages;
  } rows[] = {
      {"nothing", {}},
      {"another prefix", message(update_body({}, mandatory(), bytes({8, 10})))},
      {"another origin",
       message(
           update_body({}, join({attribute(0x40, 1, bytes({1})), as_path(), next_hop()}), nlri()))},
      {"an attribute outside the list",
       message(update_body({}, join({mandatory(), attribute(0xc0, 99, {})}), nlri()))},
      {"LOCAL_PREF",
       message(update_body({}, join({mandatory(), attribute(0x40, 5, Bytes(4))}), nlri()))},
      {"treated as withdraw", message(update_body({}, origin(), nlri()))},
      {"a withdrawal more", message(update_body(bytes({8, 10}), mandatory(), nlri()))},
      {"half a message", Bytes(19, std::byte{0xff})},
      {"a keepalive", encode_message(MessageType::kKeepalive, {})},
      {"the same twice", join({message(update_body({}, mandatory(), nlri())),
                               message(update_body({}, mandatory(), nlri()))})},
      {"two attribute sets",
       join({message(update_body({}, mandatory(), {})),
             message(update_body({}, join({mandatory(), attribute(0x80, 4, Bytes(4))}), nlri()))})},
  };
  for (const auto& [what, messages] : rows) {
    SCOPED_TRACE(what);
    EXPECT_FALSE(says(messages, one_route()));
  }
}

}  // namespace
}  // namespace fabrix::bgp
