namespace Sluice.Protocols.Media.Containers.Cmaf;

/// <summary>Box types and brands as the number their four characters make.</summary>
internal static class BoxType
{
    public const uint Ftyp = 0x66747970;
    public const uint Styp = 0x73747970;
    public const uint Moov = 0x6d6f6f76;
    public const uint Mvhd = 0x6d766864;
    public const uint Trak = 0x7472616b;
    public const uint Tkhd = 0x746b6864;
    public const uint Edts = 0x65647473;
    public const uint Elst = 0x656c7374;
    public const uint Mdia = 0x6d646961;
    public const uint Mdhd = 0x6d646864;
    public const uint Hdlr = 0x68646c72;
    public const uint Minf = 0x6d696e66;
    public const uint Vmhd = 0x766d6864;
    public const uint Smhd = 0x736d6864;
    public const uint Dinf = 0x64696e66;
    public const uint Dref = 0x64726566;
    public const uint Url = 0x75726c20;
    public const uint Stbl = 0x7374626c;
    public const uint Stsd = 0x73747364;
    public const uint Stts = 0x73747473;
    public const uint Ctts = 0x63747473;
    public const uint Stss = 0x73747373;
    public const uint Stsc = 0x73747363;
    public const uint Stsz = 0x7374737a;
    public const uint Stco = 0x7374636f;
    public const uint Co64 = 0x636f3634;
    public const uint Mvex = 0x6d766578;
    public const uint Trex = 0x74726578;
    public const uint Moof = 0x6d6f6f66;
    public const uint Mfhd = 0x6d666864;
    public const uint Traf = 0x74726166;
    public const uint Tfhd = 0x74666864;
    public const uint Tfdt = 0x74666474;
    public const uint Trun = 0x7472756e;
    public const uint Mdat = 0x6d646174;
    public const uint Free = 0x66726565;
    public const uint Prft = 0x70726674;
    public const uint Emsg = 0x656d7367;

    public const uint Encv = 0x656e6376;
    public const uint Enca = 0x656e6361;
    public const uint Sinf = 0x73696e66;
    public const uint Frma = 0x66726d61;
    public const uint Schm = 0x7363686d;
    public const uint Schi = 0x73636869;
    public const uint Tenc = 0x74656e63;
    public const uint Saiz = 0x7361697a;
    public const uint Saio = 0x7361696f;
    public const uint Senc = 0x73656e63;
    public const uint Cbcs = 0x63626373;

    public const uint Avc1 = 0x61766331;
    public const uint Avc3 = 0x61766333;
    public const uint AvcC = 0x61766343;
    public const uint Hvc1 = 0x68766331;
    public const uint Hev1 = 0x68657631;
    public const uint HvcC = 0x68766343;
    public const uint Av01 = 0x61763031;
    public const uint Av1C = 0x61763143;
    public const uint Vp08 = 0x76703038;
    public const uint Vp09 = 0x76703039;
    public const uint VpcC = 0x76706343;
    public const uint Mp4a = 0x6d703461;
    public const uint Esds = 0x65736473;
    public const uint Wave = 0x77617665;
    public const uint Opus = 0x4f707573;
    public const uint DOps = 0x644f7073;
    public const uint Pasp = 0x70617370;
    public const uint Colr = 0x636f6c72;
    public const uint Nclx = 0x6e636c78;

    public const uint Vide = 0x76696465;
    public const uint Soun = 0x736f756e;

    public const uint Iso2 = 0x69736f32;
    public const uint Iso4 = 0x69736f34;
    public const uint Iso6 = 0x69736f36;
    public const uint Isom = 0x69736f6d;
    public const uint Mp41 = 0x6d703431;
    public const uint Cmfc = 0x636d6663;
    public const uint Cmf2 = 0x636d6632;
    public const uint Cmfs = 0x636d6673;
    public const uint Cmff = 0x636d6666;
    public const uint Cmfl = 0x636d666c;
    public const uint Msdh = 0x6d736468;
}
