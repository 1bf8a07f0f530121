using Sluice.Protocols.Rtp.Srtp;

namespace Sluice.Protocols.Tests.Srtp;

/// <summary>A session of an independent implementation: packets in sending order, as they were before and after protection.</summary>
internal sealed record GoldenSession(SrtpProfile Profile, string MasterKeyAndSalt, GoldenPacket[] Packets)
{
    public SrtpKeys Keys()
    {
        var bytes = Convert.FromHexString(MasterKeyAndSalt);
        return new SrtpKeys(Profile, bytes.AsSpan(0, Profile.KeyLength()), bytes.AsSpan(Profile.KeyLength()));
    }
}

/// <summary>One packet of a golden session.</summary>
internal sealed record GoldenPacket(bool IsRtcp, string Plain, string Protected);

/// <summary>
/// Packets protected by libsrtp 2.5.0. In every session the sequence number wraps from 65535 to 0, some packets carry a header extension,
/// and the first SRTCP index is 1.
/// </summary>
internal static class GoldenSessions
{
    public static readonly GoldenSession[] All =
    [
        new(
            SrtpProfile.Aes128CmSha1_80,
            "030a11181f262d343b424950575e656c737a81888f969da4abb2b9c0c7ce",
            [
                new(
                    false,
                    "8060fffd0bb7dcd8decafbadfdfeff000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021222324",
                    "8060fffd0bb7dcd8decafbad12288e45490ab379cec33509f1edee87faa6170499bbfc2f7916c27a7dc5b0100b2e9838792ebae1b991395d" +
                    "f0305aa65945"),
                new(
                    false,
                    "8060fffe0bb7e890decafbadfeff000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425",
                    "8060fffe0bb7e890decafbad73f560c69b29e8d0fbd5bbd81492c4c2e7bdb0b6c792c08ac140191fb8f68fcf687c74adf130d496c924b32d" +
                    "6984b56160bf"),
                new(
                    false,
                    "9060ffff0bb7f448decafbadbede000110ff0000ff000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122" +
                    "23242526",
                    "9060ffff0bb7f448decafbadbede000110ff0000a029965a3dc750323c19dd394b4a30fecaea06a8d606bcfb46e80fae108759c3f15a5904" +
                    "7ee8e4253b956d149c8f8baf97ac"),
                new(
                    false,
                    "80e0000000000000decafbad000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021222324252627",
                    "80e0000000000000decafbad4f987dfb8889d396674fb08c49006e4ab697a0b132189a0af4906853db6595ecd7184c9d0c2a3349b6ad2d9a" +
                    "0ea7d5a9d932"),
                new(
                    false,
                    "9060000100000bb8decafbadbede000110ff00000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021222324" +
                    "25262728",
                    "9060000100000bb8decafbadbede000110ff0000ff87c2a98976e26e6762916eff8a62fb1628c3b0770cf08c18012cae48f82fe63c2a232a" +
                    "1b3eb96c04e885684c749f886a1f"),
                new(
                    false,
                    "8060000200001770decafbad02030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20212223242526272829",
                    "8060000200001770decafbad3d2df134a51f8951399c6ae1a39e65533b8110e11b5e3973c3a387f3391d602f14949494cd7ae56b09639bf9" +
                    "194cc6b50f6a"),
                new(
                    true,
                    "80c90001decafbad81ce0002decafbad12345678",
                    "80c90001decafbad21a1fb4ac7823f4dfa41c04380000001d820f9833b86d846800e"),
                new(
                    true,
                    "80c90001decafbad81ce0002decafbad12345678",
                    "80c90001decafbad9217375ec20c3c603e5ff70b80000002848cef3abcc28ae26ce5"),
                new(
                    true,
                    "80c90001decafbad81ce0002decafbad12345678",
                    "80c90001decafbad83b4893d4993582cb1654c658000000346dae9e05585d98ef664"),
            ]),
        new(
            SrtpProfile.AeadAes128Gcm,
            "030a11181f262d343b424950575e656c737a81888f969da4abb2b9c0",
            [
                new(
                    false,
                    "8060fffd0bb7dcd8decafbadfdfeff000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021222324",
                    "8060fffd0bb7dcd8decafbad00e5c6bd1cbc50bf3d48ab877c319648646844b98213357ef044bbb05d2f7e0049b4a95d41561d066cac41da" +
                    "051ec85a96260c498f4c0617"),
                new(
                    false,
                    "8060fffe0bb7e890decafbadfeff000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425",
                    "8060fffe0bb7e890decafbad15d38d4a0c48b177d6d22d92df4cf9adf5da148e20a2a30528474a6572e63840492895a2a6e9e8ded77a0e46" +
                    "e8f13bab92c0f9ee8dca8554"),
                new(
                    false,
                    "9060ffff0bb7f448decafbadbede000110ff0000ff000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122" +
                    "23242526",
                    "9060ffff0bb7f448decafbadbede000110ff0000e8eb61519f2262eb76c18a764ce62d4744030d6386cdab525745529f6e7d951a0b18e34d" +
                    "12057d0f0da4b2def7f8705e851313c127819861"),
                new(
                    false,
                    "80e0000000000000decafbad000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021222324252627",
                    "80e0000000000000decafbad4c171b768b703a3d11b5643528baf97a0502add211172680725e800c9b47075a424978dd4124d2cace289eb3" +
                    "77ddced0000b0b173be62cf1"),
                new(
                    false,
                    "9060000100000bb8decafbadbede000110ff00000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021222324" +
                    "25262728",
                    "9060000100000bb8decafbadbede000110ff00000679fc70c05e965c022b43e8226a1f46ccaec4bea7bbea03ff795fd5b5d8dda22731f2b8" +
                    "240436cb1d6211500399ca8b3980a6858472c0e1"),
                new(
                    false,
                    "8060000200001770decafbad02030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20212223242526272829",
                    "8060000200001770decafbad1ff23bad6568649d0f9a6dfb35a91aa9c8be508a2ee5f250cb8275d633c988ff5d5ee59d43afa713c74355ac" +
                    "e8c71669237058c986cbfddd"),
                new(
                    true,
                    "80c90001decafbad81ce0002decafbad12345678",
                    "80c90001decafbadb1ecb2cd9ce369c9283f0c5925acf94561ae51a488f276378cf9057380000001"),
                new(
                    true,
                    "80c90001decafbad81ce0002decafbad12345678",
                    "80c90001decafbadd4948558c69caf87ff38d45bfb913423cf0db15cc7e0e4da2ce1ce2480000002"),
                new(
                    true,
                    "80c90001decafbad81ce0002decafbad12345678",
                    "80c90001decafbad3f55a4951e3a830ba3a64a112eea5fcd2f32d34b2c8742468757d64880000003"),
            ]),
        new(
            SrtpProfile.AeadAes256Gcm,
            "030a11181f262d343b424950575e656c737a81888f969da4abb2b9c0c7ced5dce3eaf1f8ff060d141b222930",
            [
                new(
                    false,
                    "8060fffd0bb7dcd8decafbadfdfeff000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021222324",
                    "8060fffd0bb7dcd8decafbad5264103a0d7c69edd58650882f3f6fad63f7e98f70b805c0b9bd1179c2b838ca27c25f047a69d8e9a957b227" +
                    "965bc6a799724b7b29af69ed"),
                new(
                    false,
                    "8060fffe0bb7e890decafbadfeff000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425",
                    "8060fffe0bb7e890decafbad5ecba659570d54a993af46d22c59a17efde778fcabfe0838381d454db16fa8a285c37493c7f8a0a53fc0734d" +
                    "0d0baf0b41844d5f9b84a045"),
                new(
                    false,
                    "9060ffff0bb7f448decafbadbede000110ff0000ff000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122" +
                    "23242526",
                    "9060ffff0bb7f448decafbadbede000110ff0000d5e0acae4dae9043e5033611c70603d7f2d0696e821b480137555e0de765be527e30baf2" +
                    "606e49331d8cfc8d61547fcce4acea2aa9c5d3c6"),
                new(
                    false,
                    "80e0000000000000decafbad000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021222324252627",
                    "80e0000000000000decafbad6d6a21d4b0d4c878d68ad7a0ad84ae2694a11498db9600481a265476742a87d864d94bbbd0a6adee8c32315b" +
                    "2eb2a711addf9aa9cb69e1f2"),
                new(
                    false,
                    "9060000100000bb8decafbadbede000110ff00000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021222324" +
                    "25262728",
                    "9060000100000bb8decafbadbede000110ff0000baa6929ad4eaa08c03d8a169108b7114a01d0ee1686321f02645d361cec1ac486d935dfc" +
                    "4934a0c66209fc1f059ad6c20e04d21979660b8c"),
                new(
                    false,
                    "8060000200001770decafbad02030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20212223242526272829",
                    "8060000200001770decafbad1263d974f145dd9e470a5499603ece1423180283417292be78a633422b2091a7d843e6505cb63ac7b8a778f5" +
                    "d3378213ac59bb40a8c8ea85"),
                new(
                    true,
                    "80c90001decafbad81ce0002decafbad12345678",
                    "80c90001decafbad0de4f4a07f53f9db8c4a4642eadc75950325a71816bfae88d381febf80000001"),
                new(
                    true,
                    "80c90001decafbad81ce0002decafbad12345678",
                    "80c90001decafbadf4283b982e3cb0cc15ef52175d2192f4171c8f93156a29acc0beb25880000002"),
                new(
                    true,
                    "80c90001decafbad81ce0002decafbad12345678",
                    "80c90001decafbad6ead9474a0b8eb334d175446dac91db44cd695a17359068aa72574a180000003"),
            ]),
    ];
}
