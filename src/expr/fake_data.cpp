#include "expr/fake_data.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include "core/text.h"

namespace slsart::expr {
namespace {

using Arguments = std::span<const core::Value>;
using Words = std::span<const std::string_view>;

constexpr std::array<std::string_view, 24> kFirstNames = {
    "Ada",  "Bela", "Carl", "Dora", "Emil", "Fay",  "Gus",  "Hanna", "Ivo", "June", "Karl", "Lea",
    "Milo", "Nora", "Otto", "Pia",  "Quin", "Rosa", "Sven", "Tilda", "Udo", "Vera", "Walt", "Zoe"};
constexpr std::array<std::string_view, 24> kLastNames = {
    "Abbot",  "Bauer",  "Castle", "Dahl",   "Ender",  "Fisher", "Grant", "Holm",
    "Ingram", "Jensen", "Keller", "Lund",   "Marsh",  "Novak",  "Olsen", "Porter",
    "Quist",  "Reed",   "Stone",  "Tanner", "Ulrich", "Vance",  "Weber", "Young"};
constexpr std::array<std::string_view, 16> kCities = {
    "Ashford",   "Birkdale", "Clearwater", "Dunmore",  "Eastbrook", "Fairhaven",
    "Glenfield", "Harrow",   "Kingsey",    "Lakewood", "Millbrook", "Northam",
    "Oakridge",  "Riverton", "Stonegate",  "Westerly"};
constexpr std::array<std::string_view, 16> kCountries = {
    "Austria", "Brazil", "Canada", "Denmark", "Finland", "Ghana", "Hungary", "India",
    "Japan",   "Kenya",  "Mexico", "Norway",  "Peru",    "Spain", "Tunisia", "Vietnam"};
constexpr std::array<std::string_view, 12> kStreets = {
    "Mill Lane",     "High Street", "Station Road", "Oak Avenue",  "Church Row",   "Park View",
    "Bridge Street", "Elm Grove",   "Harbour Road", "Garden Walk", "Market Place", "Hill Crescent"};
constexpr std::array<std::string_view, 8> kCompanyEnds = {
    "Ltd", "Group", "and Sons", "Works", "Trading", "Partners", "Labs", "Inc"};
constexpr std::array<std::string_view, 10> kLevels = {"Senior", "Junior",   "Chief",   "Lead",
                                                      "Deputy", "Regional", "Central", "Assistant",
                                                      "Staff",  "Principal"};
constexpr std::array<std::string_view, 10> kJobs = {"Engineer", "Analyst",  "Designer", "Planner",
                                                    "Manager",  "Teacher",  "Surveyor", "Editor",
                                                    "Baker",    "Architect"};
constexpr std::array<std::string_view, 16> kColours = {
    "red",    "orange", "yellow", "green", "blue", "violet", "black", "white",
    "silver", "golden", "brown",  "pink",  "grey", "cyan",   "olive", "maroon"};
constexpr std::array<std::string_view, 10> kQualities = {"Light",  "Solid", "Small",  "Handmade",
                                                         "Smooth", "Plain", "Sturdy", "Bright",
                                                         "Round",  "Modern"};
constexpr std::array<std::string_view, 8> kMaterials = {"Wooden", "Cotton", "Steel", "Paper",
                                                        "Glass",  "Rubber", "Stone", "Wool"};
constexpr std::array<std::string_view, 10> kThings = {"Chair", "Lamp", "Table", "Bowl", "Hat",
                                                      "Shirt", "Bike", "Ball",  "Box",  "Clock"};
constexpr std::array<std::string_view, 24> kLatin = {
    "lorem", "ipsum", "dolor", "sit",   "amet",   "vero",  "nunc",  "quam",
    "terra", "luna",  "sol",   "aqua",  "ventus", "mons",  "silva", "flos",
    "avis",  "canis", "liber", "domus", "via",    "porta", "manus", "dies"};

std::string_view pick(Words words, core::Rng& rng) {
  return words[rng.below(words.size())];
}

std::uint64_t between(std::uint64_t low, std::uint64_t high, core::Rng& rng) {
  return low + rng.below(high - low + 1);
}

// The first argument as a number of things to make; bounded, a text must not fill the memory.
std::uint64_t amount(Arguments arguments, std::uint64_t fallback) {
  constexpr std::int64_t kMost = 10'000;
  if (arguments.empty()) return fallback;
  return static_cast<std::uint64_t>(std::clamp<std::int64_t>(arguments[0].as_integer(), 0, kMost));
}

void append_letters(std::string_view alphabet, std::uint64_t count, core::Rng& rng,
                    std::string& out) {
  for (; count > 0; --count) out += alphabet[rng.below(alphabet.size())];
}
constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kAlphanumeric =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

void first_name(Arguments, core::Rng& rng, std::string& out) {
  out += pick(kFirstNames, rng);
}
void last_name(Arguments, core::Rng& rng, std::string& out) {
  out += pick(kLastNames, rng);
}
void full_name(Arguments, core::Rng& rng, std::string& out) {
  out.append(pick(kFirstNames, rng)).append(" ").append(pick(kLastNames, rng));
}
void user_name(Arguments, core::Rng& rng, std::string& out) {
  out.append(pick(kFirstNames, rng)).append("_").append(pick(kLastNames, rng));
  out += std::to_string(between(1, 9999, rng));
}
void domain_name(Arguments, core::Rng& rng, std::string& out) {
  // A name that can never be anybody's (RFC 2606 §2).
  out.append(pick(kLatin, rng)).append("-").append(core::to_lower(pick(kThings, rng)));
  out += ".example";
}
void email(Arguments, core::Rng& rng, std::string& out) {
  user_name({}, rng, out);
  out += '@';
  domain_name({}, rng, out);
}
void url(Arguments, core::Rng& rng, std::string& out) {
  out += "https://";
  domain_name({}, rng, out);
}
void password(Arguments arguments, core::Rng& rng, std::string& out) {
  append_letters(kAlphanumeric, amount(arguments, 15), rng, out);
}
void ipv4(Arguments, core::Rng& rng, std::string& out) {
  for (int i = 0; i < 4; ++i) {
    if (i > 0) out += '.';
    out += std::to_string(rng.below(256));
  }
}
void mac(Arguments, core::Rng& rng, std::string& out) {
  for (int i = 0; i < 6; ++i) {
    if (i > 0) out += ':';
    append_letters("0123456789abcdef", 2, rng, out);
  }
}
void uuid(Arguments, core::Rng& rng, std::string& out) {
  find_function("$uuid")->append({}, rng, out);
}
void alphanumeric(Arguments arguments, core::Rng& rng, std::string& out) {
  append_letters(kAlphanumeric, amount(arguments, 1), rng, out);
}
void numeric(Arguments arguments, core::Rng& rng, std::string& out) {
  append_letters(kDigits, amount(arguments, 1), rng, out);
}
void phone_number(Arguments, core::Rng& rng, std::string& out) {
  out += std::to_string(between(200, 999, rng)) + "-555-";  // 555: kept free for fiction
  append_letters(kDigits, 4, rng, out);
}
void city(Arguments, core::Rng& rng, std::string& out) {
  out += pick(kCities, rng);
}
void country(Arguments, core::Rng& rng, std::string& out) {
  out += pick(kCountries, rng);
}
void street_address(Arguments, core::Rng& rng, std::string& out) {
  out += std::to_string(between(1, 999, rng)) + " ";
  out += pick(kStreets, rng);
}
void zip_code(Arguments, core::Rng& rng, std::string& out) {
  append_letters(kDigits, 5, rng, out);
}
void company_name(Arguments, core::Rng& rng, std::string& out) {
  out.append(pick(kLastNames, rng)).append(" ").append(pick(kCompanyEnds, rng));
}
void job_title(Arguments, core::Rng& rng, std::string& out) {
  out.append(pick(kLevels, rng)).append(" ").append(pick(kJobs, rng));
}
void colour(Arguments, core::Rng& rng, std::string& out) {
  out += pick(kColours, rng);
}
void product_name(Arguments, core::Rng& rng, std::string& out) {
  out.append(pick(kQualities, rng)).append(" ").append(pick(kMaterials, rng));
  out.append(" ").append(pick(kThings, rng));
}
void word(Arguments, core::Rng& rng, std::string& out) {
  out += pick(kLatin, rng);
}
void append_words(std::uint64_t count, core::Rng& rng, std::string& out) {
  for (std::uint64_t i = 0; i < count; ++i) {
    if (i > 0) out += ' ';
    out += pick(kLatin, rng);
  }
}
void words(Arguments arguments, core::Rng& rng, std::string& out) {
  append_words(amount(arguments, 3), rng, out);
}
void sentence(Arguments, core::Rng& rng, std::string& out) {
  const std::size_t begin = out.size();
  append_words(between(3, 10, rng), rng, out);
  out[begin] = static_cast<char>(out[begin] - 'a' + 'A');
  out += '.';
}
void paragraph(Arguments, core::Rng& rng, std::string& out) {
  for (int i = 0; i < 3; ++i) {
    if (i > 0) out += ' ';
    sentence({}, rng, out);
  }
}

core::Value number_int(Arguments arguments, core::Rng& rng) {
  constexpr std::int64_t kLargest = 9007199254740991;  // of JavaScript's safe integers
  if (arguments.empty()) {
    return core::Value(static_cast<std::int64_t>(rng.below(std::uint64_t{kLargest} + 1)));
  }
  return find_function("$randomNumber")->call(arguments, rng);
}
core::Value boolean(Arguments, core::Rng& rng) {
  return core::Value(rng.below(2) == 1);
}

template <void (*append)(Arguments, core::Rng&, std::string&)>
core::Value as_value(Arguments arguments, core::Rng& rng) {
  std::string text;
  append(arguments, rng, text);
  return core::Value(std::move(text));
}

template <void (*append)(Arguments, core::Rng&, std::string&)>
constexpr Function text(std::string_view name, std::string_view doc, std::size_t most = 0) {
  return {.name = name,
          .min_arguments = 0,
          .max_arguments = most,
          .call = as_value<append>,
          .append = append,
          .argument_kind = ArgumentKind::kInteger,
          .doc = doc};
}
constexpr Function value(std::string_view name, core::Value (*call)(Arguments, core::Rng&),
                         std::string_view doc, std::size_t most = 0) {
  return {.name = name,
          .min_arguments = 0,
          .max_arguments = most,
          .call = call,
          .append = nullptr,
          .argument_kind = ArgumentKind::kInteger,
          .doc = doc};
}

constexpr std::array kFunctions = {
    text<colour>("$colorHuman", "$colorHuman(): the name of a colour"),
    text<product_name>("$commerceProductName", "$commerceProductName(): Light Wooden Chair"),
    text<company_name>("$companyName", "$companyName(): Bauer Ltd"),
    value("$datatypeBoolean", boolean, "$datatypeBoolean(): true or false"),
    text<domain_name>("$internetDomainName", "$internetDomainName(): a name below .example"),
    text<email>("$internetEmail", "$internetEmail(): an address below .example"),
    text<ipv4>("$internetIpv4", "$internetIpv4(): 203.0.113.7"),
    text<mac>("$internetMac", "$internetMac(): 0a:1b:2c:3d:4e:5f"),
    text<password>("$internetPassword", "$internetPassword(length): without a length 15 characters",
                   1),
    text<url>("$internetUrl", "$internetUrl(): an https address below .example"),
    text<user_name>("$internetUsername", "$internetUsername(): Ada_Lund17"),
    text<city>("$locationCity", "$locationCity(): the name of a town"),
    text<country>("$locationCountry", "$locationCountry(): the name of a country"),
    text<street_address>("$locationStreetAddress", "$locationStreetAddress(): 7 Mill Lane"),
    text<zip_code>("$locationZipCode", "$locationZipCode(): five digits"),
    text<paragraph>("$loremParagraph", "$loremParagraph(): three sentences"),
    text<sentence>("$loremSentence", "$loremSentence(): three to ten words"),
    text<paragraph>("$loremText", "$loremText(): some sentences"),
    text<word>("$loremWord", "$loremWord(): a word"),
    text<words>("$loremWords", "$loremWords(count): without a count 3 words", 1),
    value("$numberInt", number_int, "$numberInt(min, max): a whole number from 0 without borders",
          2),
    text<first_name>("$personFirstName", "$personFirstName(): Ada"),
    text<full_name>("$personFullName", "$personFullName(): Ada Lund"),
    text<job_title>("$personJobTitle", "$personJobTitle(): Lead Planner"),
    text<last_name>("$personLastName", "$personLastName(): Lund"),
    text<phone_number>("$phoneNumber", "$phoneNumber(): 212-555-0199"),
    value("$randBoolean", boolean, "$randBoolean(): older word for $datatypeBoolean"),
    text<city>("$randCity", "$randCity(): older word for $locationCity"),
    text<colour>("$randColor", "$randColor(): older word for $colorHuman"),
    text<company_name>("$randCompanyName", "$randCompanyName(): older word for $companyName"),
    text<country>("$randCountry", "$randCountry(): older word for $locationCountry"),
    text<email>("$randEmail", "$randEmail(): older word for $internetEmail"),
    text<first_name>("$randFirstName", "$randFirstName(): older word for $personFirstName"),
    text<full_name>("$randFullName", "$randFullName(): older word for $personFullName"),
    text<ipv4>("$randIp", "$randIp(): older word for $internetIpv4"),
    text<job_title>("$randJobTitle", "$randJobTitle(): older word for $personJobTitle"),
    text<last_name>("$randLastName", "$randLastName(): older word for $personLastName"),
    value("$randNumber", number_int, "$randNumber(min, max): older word for $numberInt", 2),
    text<paragraph>("$randParagraph", "$randParagraph(): older word for $loremParagraph"),
    text<password>("$randPassword", "$randPassword(length): older word for $internetPassword", 1),
    text<phone_number>("$randPhoneNumber", "$randPhoneNumber(): older word for $phoneNumber"),
    text<product_name>("$randProductName",
                       "$randProductName(): older word for $commerceProductName"),
    text<sentence>("$randSentence", "$randSentence(): older word for $loremSentence"),
    text<street_address>("$randStreetAddress",
                         "$randStreetAddress(): older word for $locationStreetAddress"),
    text<paragraph>("$randText", "$randText(): older word for $loremText"),
    text<url>("$randUrl", "$randUrl(): older word for $internetUrl"),
    text<user_name>("$randUserName", "$randUserName(): older word for $internetUsername"),
    text<uuid>("$randUuid", "$randUuid(): older word for $stringUuid"),
    text<word>("$randWord", "$randWord(): older word for $loremWord"),
    text<zip_code>("$randZipCode", "$randZipCode(): older word for $locationZipCode"),
    text<alphanumeric>("$stringAlphanumeric",
                       "$stringAlphanumeric(length): letters and digits, one without a length", 1),
    text<numeric>("$stringNumeric", "$stringNumeric(length): digits, one without a length", 1),
    text<uuid>("$stringUuid", "$stringUuid(): a random UUID"),
};

}  // namespace

std::span<const Function> fake_functions() {
  return kFunctions;
}

}  // namespace slsart::expr
