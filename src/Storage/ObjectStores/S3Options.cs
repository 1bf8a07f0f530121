namespace Sluice.Storage.ObjectStores;

/// <summary>An S3-compatible store.</summary>
public sealed record S3Options
{
    /// <summary>Its address, such as <c>https://s3.example.org</c>; empty is Amazon's of the region.</summary>
    public string Endpoint { get; init; } = "";

    /// <summary>The bucket; empty uploads nothing.</summary>
    public string Bucket { get; init; } = "";

    public string Region { get; init; } = "us-east-1";

    public string AccessKey { get; init; } = "";

    public string SecretKey { get; init; } = "";

    /// <summary>What every key begins with.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>The bucket is in the path, not in the host's name.</summary>
    public bool PathStyle { get; init; } = true;

    /// <summary>Never the secret.</summary>
    public override string ToString() => $"{(Endpoint.Length == 0 ? Region : Endpoint)}/{Bucket}";
}
