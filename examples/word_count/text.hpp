// Text, without actors: words and their counts, UTF-8, both piece by piece.
//
// A word is a maximal run of ASCII letters, digits, '_' and bytes above ASCII, with ASCII letters in lower
// case. Of a word longer than 255 bytes the first 255 count, cut at a character's border.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

constexpr std::size_t longest_word = 255;

// Words with their counts; a look-up needs no copy of the word.
struct HashOfText : std::hash<std::string_view> {
    using is_transparent = void;
};
using Words = std::unordered_map<std::string, std::uint64_t, HashOfText, std::equal_to<>>;

// Checks UTF-8 piece by piece.
class Utf8 {
public:
    // The number of bytes that were right: all of them, or those before the first wrong one.
    std::size_t check(std::string_view piece) {
        for (std::size_t i = 0; i < piece.size(); i++)
            if (!accept(static_cast<unsigned char>(piece[i]))) return i;
        return piece.size();
    }
    bool is_within_character() const { return missing_ > 0; }

private:
    bool accept(unsigned byte) {
        if (missing_ > 0) {
            if (byte < low_ || byte > high_) return false;
            --missing_, low_ = 0x80, high_ = 0xBF;
        } else if (byte >= 0x80) {
            if (byte < 0xC2 || byte > 0xF4) return false;
            // Overlong forms, surrogates and what lies beyond Unicode show in the second byte.
            missing_ = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
            low_ = byte == 0xE0 ? 0xA0 : byte == 0xF0 ? 0x90 : 0x80;
            high_ = byte == 0xED ? 0x9F : byte == 0xF4 ? 0x8F : 0xBF;
        }
        return true;
    }

    unsigned missing_ = 0, low_ = 0, high_ = 0;
};

// Finds words piece by piece: one at the end of a piece may go on in the next.
class Scanner {
public:
    void scan(std::string_view piece, Words& words) {
        for (const char c : piece) {
            const char kept = spelling[static_cast<unsigned char>(c)];
            if (kept == '\0')
                end(words);
            else if (word_.size() <=
                     longest_word)  // one more, to see where its last character begins
                word_.push_back(kept);
        }
    }
    void end(Words& words) {
        if (word_.empty()) return;
        if (word_.size() > longest_word) {
            std::size_t length = longest_word;
            while ((static_cast<unsigned char>(word_[length]) & 0xC0) == 0x80) --length;
            word_.resize(length);
        }
        const auto known = words.find(std::string_view(word_));
        if (known != words.end())
            ++known->second;
        else
            words.emplace(word_, 1);
        word_.clear();
    }

private:
    // As a byte is kept in a word; 0: it is of no word.
    static constexpr std::array<char, 256> spelling = [] {
        std::array<char, 256> kept{};
        for (std::size_t i = 0; i < kept.size(); i++) {
            const bool upper = i >= 'A' && i <= 'Z';
            const bool is_of_a_word =
                upper || i >= 0x80 || i == '_' || (i >= '0' && i <= '9') || (i >= 'a' && i <= 'z');
            if (is_of_a_word) kept[i] = static_cast<char>(upper ? i - 'A' + 'a' : i);
        }
        return kept;
    }();

    std::string word_;
};
