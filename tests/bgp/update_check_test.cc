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
      {"a message without its last octet",
       [] {
         Bytes whole = message(update_body({}, mandatory(), nlri()));
         whole.pop_back();
         return whole;
       }()},
      {"a route more, with another MED",
       join({message(update_body({}, mandatory(), nlri())),
             message(update_body({}, join({mandatory(), attribute(0x80, 4, Bytes(4))}),
                                 bytes({8, 10})))})},
      {"a keepalive", encode_message(MessageType::kKeepalive, {})},
      {"the same twice", join({message(update_body({}, mandatory(), nlri())),
                               message(update_body({}, mandatory(), nlri()))})},
      {"two attribute sets",
       join({message(update_body({}, mandatory(), {})),
             message(update_body({}, join({mandatory(), attribute(0x80, 4, Bytes(4))}), nlri()))})},
      {"a route more, with another next hop",
       join({message(update_body({}, mandatory(), nlri())),
             message(update_body(
                 {}, join({origin(), as_path(), attribute(0x40, 3, bytes({192, 0, 2, 9}))}),
                 nlri()))})},
      {"a route more, of another family",
       join({message(update_body({}, mandatory(), nlri())),
             message(update_body({}, join({mp_reach(), origin(), as_path()}), {}))})},
      {"an End-of-RIB more",
       join({message(update_body({}, mandatory(), nlri())), message(update_body({}, {}, {}))})},
      {"a FlowSpec rule more",
       join({message(update_body({}, mandatory(), nlri())),
             message(update_body({}, attribute(0x80, 15, bytes({0, 1, 133, 3, 1, 8, 10})), {}))})},
      {"an UPDATE more that ends too early",
       join({message(update_body({}, mandatory(), nlri())), message(bytes({0, 9, 0, 0}))})},
      {"a message without a marker",
       join({message(update_body({}, mandatory(), nlri())), Bytes(19)})},
  };
  for (const auto& [what, messages] : rows) {
    SCOPED_TRACE(what);
    EXPECT_FALSE(says(messages, one_route()));
  }
}

}  // namespace
}  // namespace fabrix::bgp
