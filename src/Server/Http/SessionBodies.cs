namespace Sluice.Server.Http;

/// <summary>A choice of layer (WHEP layer extension): one medium and one encoding.</summary>
public sealed record LayerBody(string? MediaId = null, string? EncodingId = null);
