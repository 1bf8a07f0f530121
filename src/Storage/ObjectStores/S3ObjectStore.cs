using System.Net;
using System.Security.Cryptography;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Sluice.Control.Recordings;

namespace Sluice.Storage.ObjectStores;

/// <summary>
/// Objects in an S3-compatible store. A piece is verified by its MD5, which the store must answer as its tag; the whole by its length, and by the digest
/// of the pieces' digests where the store makes its tags that way.
/// </summary>
public sealed class S3ObjectStore : IObjectStore, IDisposable
{
    private readonly AmazonS3Client _client;
    private readonly S3Options _options;

    public S3ObjectStore(S3Options options)
    {
        _options = options;
        var settings = new AmazonS3Config
        {
            AuthenticationRegion = options.Region, ForcePathStyle = options.PathStyle, MaxErrorRetry = 2, Timeout = TimeSpan.FromMinutes(5),
        };
        if (options.Endpoint.Length > 0) settings.ServiceURL = options.Endpoint;
        else settings.RegionEndpoint = Amazon.RegionEndpoint.GetBySystemName(options.Region);
        _client = new AmazonS3Client(new BasicAWSCredentials(options.AccessKey, options.SecretKey), settings);
    }

    /// <inheritdoc />
    public string Name => _options.ToString();

    /// <inheritdoc />
    public Task<string> BeginAsync(string key, CancellationToken cancel) => TryAsync(async () => (await _client.InitiateMultipartUploadAsync(
        new InitiateMultipartUploadRequest { BucketName = _options.Bucket, Key = Full(key), ContentType = "video/mp4" }, cancel)).UploadId);

    /// <summary>Tries whether the store can be reached and the key may write: begins an upload and gives it up.</summary>
    public Task CheckAsync(CancellationToken cancel) => TryAsync(async () =>
    {
        var key = Full(".sluice-doctor");
        var begun = await _client.InitiateMultipartUploadAsync(new InitiateMultipartUploadRequest { BucketName = _options.Bucket, Key = key }, cancel);
        try
        {
            await _client.AbortMultipartUploadAsync(new AbortMultipartUploadRequest { BucketName = _options.Bucket, Key = key, UploadId = begun.UploadId }, cancel);
        }
        catch (AmazonS3Exception failure) when (failure.StatusCode is HttpStatusCode.NotImplemented or HttpStatusCode.MethodNotAllowed)
        {
            // Small stores cannot give up an upload; that they begin one is what was asked.
        }

        return begun.UploadId;
    });

    /// <inheritdoc />
    public Task<string> PutPieceAsync(string key, string uploadId, int number, ReadOnlyMemory<byte> piece, CancellationToken cancel) => TryAsync(async () =>
    {
        var digest = Digest(piece.Span);
        using var stream = new MemoryStream(piece.ToArray(), writable: false);
        var answer = await _client.UploadPartAsync(new UploadPartRequest
        {
            BucketName = _options.Bucket, Key = Full(key), UploadId = uploadId, PartNumber = number, InputStream = stream, PartSize = piece.Length,
            MD5Digest = Convert.ToBase64String(digest), UseChunkEncoding = false,
        }, cancel);
        var tag = answer.ETag.Trim('"');
        if (IsDigest(tag) && !tag.Equals(Convert.ToHexString(digest), StringComparison.OrdinalIgnoreCase))
            throw new ObjectStoreException($"Piece {number} of {key} is another one in {Name} than was sent.");
        return tag;
    });

    /// <inheritdoc />
    public Task CompleteAsync(string key, string uploadId, IReadOnlyList<string> pieces, long length, CancellationToken cancel) => TryAsync(async () =>
    {
        var answer = await _client.CompleteMultipartUploadAsync(new CompleteMultipartUploadRequest
        {
            BucketName = _options.Bucket, Key = Full(key), UploadId = uploadId, PartETags = [.. pieces.Select((tag, i) => new PartETag(i + 1, tag))],
        }, cancel);
        var kept = await _client.GetObjectMetadataAsync(new GetObjectMetadataRequest { BucketName = _options.Bucket, Key = Full(key) }, cancel);
        if (kept.ContentLength != length)
            throw new ObjectStoreException($"{key} has {kept.ContentLength} bytes in {Name} instead of {length}.");
        var tag = answer.ETag.Trim('"');
        if (pieces.All(IsDigest) && tag.EndsWith($"-{pieces.Count}", StringComparison.Ordinal) && IsDigest(tag[..tag.IndexOf('-', StringComparison.Ordinal)])
            && !tag.StartsWith(Convert.ToHexStringLower(Digest([.. pieces.SelectMany(Convert.FromHexString)])), StringComparison.OrdinalIgnoreCase))
        {
            throw new ObjectStoreException($"{key} is another one in {Name} than its pieces make.");
        }
        return tag;
    });

    /// <inheritdoc />
    public async Task<bool> KnowsAsync(string key, string uploadId, IReadOnlyList<string> pieces, CancellationToken cancel)
    {
        try
        {
            var known = new Dictionary<int, string>();
            int? after = null;
            ListPartsResponse page;
            do
            {
                page = await _client.ListPartsAsync(new ListPartsRequest
                {
                    BucketName = _options.Bucket, Key = Full(key), UploadId = uploadId, PartNumberMarker = after?.ToString(System.Globalization.CultureInfo.InvariantCulture),
                }, cancel);
                foreach (var part in page.Parts)
                    known[part.PartNumber] = part.ETag.Trim('"');
                after = page.NextPartNumberMarker;
            }
            while (page.IsTruncated);
            return pieces.Select((tag, i) => known.GetValueOrDefault(i + 1) == tag).All(same => same);
        }
        catch (AmazonS3Exception failure) when (failure.StatusCode == HttpStatusCode.NotFound)
        {
            return false;
        }
        catch (AmazonS3Exception failure) when (failure.StatusCode is HttpStatusCode.NotImplemented or HttpStatusCode.MethodNotAllowed)
        {
            // Small stores cannot list pieces. What the database remembers is tried; where it is wrong, the store says so at the next piece.
            return true;
        }
        catch (Exception failure) when (IsFailure(failure))
        {
            throw Describe(failure);
        }
    }

    /// <inheritdoc />
    public Task<Stream> OpenAsync(string key, long offset, long length, CancellationToken cancel) => TryAsync<Stream>(async () => (await _client.GetObjectAsync(
        new GetObjectRequest { BucketName = _options.Bucket, Key = Full(key), ByteRange = new ByteRange(offset, offset + length - 1) }, cancel)).ResponseStream);

    /// <inheritdoc />
    public Task DeleteAsync(string key, CancellationToken cancel) => TryAsync(async () =>
        (await _client.DeleteObjectAsync(new DeleteObjectRequest { BucketName = _options.Bucket, Key = Full(key) }, cancel)).HttpStatusCode);

    /// <inheritdoc />
    public void Dispose() => _client.Dispose();

    private string Full(string key) => _options.Prefix + key;

    // The protocol's digest, against damage on the way and not against people.
#pragma warning disable CA5351
    private static byte[] Digest(ReadOnlySpan<byte> bytes) => MD5.HashData(bytes);
#pragma warning restore CA5351

    private static bool IsDigest(string tag) => tag.Length == 32 && tag.All(char.IsAsciiHexDigit);

    private async Task<T> TryAsync<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (Exception failure) when (IsFailure(failure))
        {
            throw Describe(failure);
        }
    }

    private static bool IsFailure(Exception failure) => failure is AmazonServiceException or AmazonClientException or HttpRequestException or IOException or WebException;

    private ObjectStoreException Describe(Exception failure) => new($"{Name}: {failure.Message}", failure)
    {
        IsGone = failure is AmazonServiceException { StatusCode: HttpStatusCode.NotFound },
    };
}
